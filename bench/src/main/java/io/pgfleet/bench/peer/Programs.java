package io.pgfleet.bench.peer;

import io.pgfleet.bench.BenchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Other people's programs on this machine. */
public final class Programs {
  private Programs() {}

  /** Looks along PATH, then where Debian keeps what is not on it. */
  public static Optional<Path> find(String name) {
    List<Path> folders = new ArrayList<>();
    String path = System.getenv("PATH");
    if (path != null) {
      Stream.of(path.split(":"))
          .filter(part -> !part.isEmpty())
          .map(Path::of)
          .forEach(folders::add);
    }
    folders.add(Path.of("/usr/sbin"));
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      versions.sorted().map(version -> version.resolve("bin")).forEach(folders::add);
    } catch (IOException ignored) {
      // not Debian
    }
    return folders.stream()
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Runs one to its end.
   *
   * @return its output, standard error included
   * @throws BenchException if it fails
   */
  public static String run(List<String> command, Map<String, String> environment)
      throws InterruptedException {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new BenchException(
            command.getFirst() + " ended with status " + status + ": " + lastLines(output), "");
      }
      return output;
    } catch (IOException e) {
      throw new BenchException(
          "can't run " + command.getFirst() + ": " + e.getMessage(), "install it anew");
    }
  }

  private static String lastLines(String output) {
    List<String> lines = output.strip().lines().toList();
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }
}
