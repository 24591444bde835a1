package io.pgfleet.testkit.host;

import io.pgfleet.postgres.host.Commands;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Signals to many processes at once. */
public final class Signals {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Signals() {}

  /** Sends one, by its name without SIG, to all in turn; some may have ended meanwhile. */
  public static void send(String signal, List<Long> processes) throws IOException {
    if (processes.isEmpty()) {
      return;
    }
    List<String> command =
        new ArrayList<>(
            List.of("/bin/sh", "-c", "for p; do kill -\"$0\" \"$p\" 2>/dev/null; done; :", signal));
    processes.forEach(process -> command.add(process.toString()));
    Commands.Result _ = Commands.run(command, LIMIT);
  }
}
