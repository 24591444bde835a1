package io.pgfleet.cli.sql.print;

/** How much room a text takes in a terminal. */
public final class Terminal {
  private Terminal() {}

  /** Columns of a line without control characters: two for wide characters, none for marks. */
  public static int width(String line) {
    return DisplayText.width(line);
  }
}
