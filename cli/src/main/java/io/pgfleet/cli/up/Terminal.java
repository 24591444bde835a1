package io.pgfleet.cli.up;

import java.io.Console;
import java.util.Optional;

/** What stands at the other end of standard input and output. */
public final class Terminal {
  private Terminal() {}

  /** Whether a person at a terminal does, on both. */
  public static boolean isInteractive() {
    return console().isPresent();
  }

  /** Asks, and returns the line that was typed; empty at the end of input or without a person. */
  public static Optional<String> ask(String question) {
    return console().map(console -> console.readLine("%s", question));
  }

  private static Optional<Console> console() {
    // Null without a terminal up to Java 21 and from 25 on; between them isTerminal tells.
    return Optional.ofNullable(System.console()).filter(Console::isTerminal);
  }

  /** Whether it can draw over what it has shown. */
  static boolean canRedraw() {
    return isInteractive() && !"dumb".equals(System.getenv("TERM"));
  }

  /** Whether it is to be given colours (no-color.org). */
  public static boolean wantsColours() {
    String noColor = System.getenv("NO_COLOR");
    return canRedraw() && (noColor == null || noColor.isEmpty());
  }
}
