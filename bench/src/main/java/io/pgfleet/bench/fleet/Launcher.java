package io.pgfleet.bench.fleet;

import io.pgfleet.bench.BenchException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Runs the program's commands as a user does: each a process of its own. */
public final class Launcher {
  private final Path program;

  /**
   * A launcher.
   *
   * @param program the script {@code pgfleet}
   */
  public Launcher(Path program) {
    this.program = program;
  }

  /** A line that a command printed, and how long after its start. */
  public record Line(Duration at, String text) {}

  /** How a command went. */
  public record Outcome(int status, Duration took, List<Line> lines) {
    public Outcome {
      lines = List.copyOf(lines);
    }

    /** All that it printed, standard error included. */
    public String text() {
      return lines.stream().map(Line::text).collect(Collectors.joining("\n"));
    }
  }

  /**
   * Runs a command to its end.
   *
   * @param home the value of PGFLEET_HOME
   * @param folder the working directory
   * @throws BenchException if it can't be run at all
   */
  public Outcome run(Path home, Path folder, List<String> arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("PGFLEET_HOME", home.toString());
    builder.environment().remove("PGFLEET_FLEET");
    List<Line> lines = new ArrayList<>();
    long began = System.nanoTime();
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      try (BufferedReader reader = process.inputReader()) {
        String line = reader.readLine();
        while (line != null) {
          lines.add(new Line(Duration.ofNanos(System.nanoTime() - began), line));
          line = reader.readLine();
        }
      }
      int status = process.waitFor();
      return new Outcome(status, Duration.ofNanos(System.nanoTime() - began), lines);
    } catch (IOException e) {
      throw new BenchException(
          "can't run " + program + ": " + e.getMessage(), "start the benchmark with ./pgfleet");
    }
  }
}
