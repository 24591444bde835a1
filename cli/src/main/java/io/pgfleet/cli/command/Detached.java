package io.pgfleet.cli.command;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A command of this program that goes on in a process and a session of its own. */
record Detached(Process process, Path file) {
  static final Duration LOOK = Duration.ofMillis(100);

  /**
   * Starts it with the same virtual machine, class path and options.
   *
   * @param output takes what it says
   */
  static Detached start(List<String> arguments, Optional<Path> fleetFile, Path output)
      throws IOException {
    Files.createDirectories(output.toAbsolutePath().getParent());
    List<String> command = new ArrayList<>();
    Path setsid = Path.of("/usr/bin/setsid");
    if (Files.isExecutable(setsid)) {
      command.add(setsid.toString());
    }
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("io.pgfleet.cli.Main");
    command.addAll(arguments);
    fleetFile.map(Path::toString).ifPresent(command::add);
    Process process =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(output.toFile())
            .redirectErrorStream(true)
            .start();
    return new Detached(process, output);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** What it has said. */
  String output() throws IOException {
    return Files.readString(file);
  }

  /** It ended: shows what it said, and returns its exit status. */
  int failed() throws IOException {
    System.err.print(output());
    return process.exitValue();
  }
}
