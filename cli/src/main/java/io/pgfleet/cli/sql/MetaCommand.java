package io.pgfleet.cli.sql;

import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One backslash command.
 *
 * @param names without the backslash, the usual one first
 * @param usage its arguments, for the help
 * @param help what it does, in a few words
 * @param action what runs it
 */
record MetaCommand(List<String> names, String usage, String help, Action action) {
  MetaCommand {
    names = List.copyOf(names);
  }

  /** Runs a command; a result that is not null ends the source. */
  @FunctionalInterface
  interface Action {
    Interpreter.@Nullable End run(MetaArguments arguments, Interpreter interpreter)
        throws ShellException, IOException, PostgresException;
  }

  /** An action that always goes on. */
  @FunctionalInterface
  interface Step {
    void run(MetaArguments arguments, Interpreter interpreter)
        throws ShellException, IOException, PostgresException;
  }

  static MetaCommand of(String names, String usage, String help, Step step) {
    return new MetaCommand(
        List.of(names.split(" ")),
        usage,
        help,
        (arguments, interpreter) -> {
          step.run(arguments, interpreter);
          return null;
        });
  }
}
