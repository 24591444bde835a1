package io.pgfleet.testkit.host;

import io.pgfleet.postgres.host.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The program ip(8). */
final class IpCommand {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private IpCommand() {}

  static Optional<Path> program() {
    return List.of("/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip").stream()
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  static void run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program().orElse(Path.of("ip")).toString());
    command.addAll(List.of(arguments));
    Commands.Result result = Commands.run(command, LIMIT);
    if (!result.succeeded()) {
      throw new IOException("'" + String.join(" ", command) + "' failed: " + result.output());
    }
  }

  /** For what may be so already, or gone already. */
  static boolean tryRun(String... arguments) {
    try {
      run(arguments);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
