package io.pgfleet.parity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Other people's programs on this machine. */
public final class Programs {
  private Programs() {}

  /** What a program printed, both streams together, and the status it ended with. */
  public record Outcome(int status, String output) {
    /** Whether it said that it succeeded. */
    public boolean succeeded() {
      return status == 0;
    }
  }

  /** Looks along PATH, and where Debian keeps servers. */
  public static Optional<Path> find(String name) {
    String path = System.getenv("PATH");
    return Stream.concat(
            Stream.of((path == null ? "" : path).split(":")).filter(part -> !part.isEmpty()),
            Stream.of("/usr/sbin"))
        .map(folder -> Path.of(folder).resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Runs one to its end, or kills it at the limit. */
  public static Outcome run(
      List<String> command, Path folder, Map<String, String> environment, Duration limit)
      throws InterruptedException {
    try {
      Path output = Files.createTempFile("pgfleet-parity-", ".out");
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        int status = end(process, limit);
        return new Outcome(status, new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't run " + command.getFirst(), e);
    }
  }

  /** Waits for a process; one that is over its time is killed with its children, status -1. */
  public static int end(Process process, Duration limit) throws InterruptedException {
    try {
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue();
      }
      return -1;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
