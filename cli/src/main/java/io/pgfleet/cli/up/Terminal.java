package io.pgfleet.cli.up;

import java.io.Console;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What stands at the other end of standard input and output. */
public final class Terminal {
  private Terminal() {}

  /** Whether a person at a terminal does, on both. */
  public static boolean isInteractive() {
    return console().isTerminal();
  }

  /** Asks, and returns the line that was typed; null at the end of input. */
  public static @Nullable String ask(String question) {
    return console().readLine("%s", question);
  }

  private static Console console() {
    // Never null since Java 22, where isTerminal tells what null told before.
    return Objects.requireNonNull(System.console());
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
