package io.pgfleet.cli.control;

import java.util.List;
import java.util.Optional;

/**
 * What a command asks of the running program: one line of JSON.
 *
 * @param command status, down, switchover or connection
 * @param argument what the command is about, such as a node
 * @param options words that change how it is done
 */
public record Request(String command, Optional<String> argument, List<String> options) {
  public Request {
    options = List.copyOf(options);
  }

  public static Request of(String command) {
    return new Request(command, Optional.empty(), List.of());
  }

  /** Whether an option was given. */
  public boolean option(String name) {
    return options.contains(name);
  }
}
