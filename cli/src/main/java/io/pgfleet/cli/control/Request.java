package io.pgfleet.cli.control;

import java.util.Optional;

/**
 * What a command asks of the running program: one line of JSON.
 *
 * @param command status, down, switchover or connection
 * @param argument what the command is about, such as a node
 */
public record Request(String command, Optional<String> argument) {
  public static Request of(String command) {
    return new Request(command, Optional.empty());
  }
}
