package io.pgfleet.cli.sql.print;

/**
 * What results look like.
 *
 * @param layout table, delimited text or JSON
 * @param expanded one line for each value instead of one for each row
 * @param border of tables: 0 none, 1 between columns, 2 around
 * @param nullText what stands for NULL; JSON has its own
 * @param tuplesOnly without header, footer and command tags
 * @param separator between the values of {@link Layout#UNALIGNED}
 * @param width of the terminal in columns, for {@link Expanded#AUTO}
 */
public record PrintStyle(
    Layout layout,
    Expanded expanded,
    int border,
    String nullText,
    boolean tuplesOnly,
    String separator,
    int width) {
  /** The forms of a result. */
  public enum Layout {
    ALIGNED,
    UNALIGNED,
    CSV,
    JSON
  }

  /** When a result is written as records. */
  public enum Expanded {
    ON,
    OFF,
    /** When the table is wider than the terminal. */
    AUTO
  }

  public PrintStyle {
    if (border < 0 || border > 2) {
      throw new IllegalArgumentException("border must be 0, 1 or 2");
    }
  }

  /** psql's own defaults. */
  public static PrintStyle standard() {
    return new PrintStyle(Layout.ALIGNED, Expanded.OFF, 1, "", false, "|", 80);
  }

  public PrintStyle withLayout(Layout value) {
    return new PrintStyle(value, expanded, border, nullText, tuplesOnly, separator, width);
  }

  public PrintStyle withExpanded(Expanded value) {
    return new PrintStyle(layout, value, border, nullText, tuplesOnly, separator, width);
  }

  public PrintStyle withBorder(int value) {
    return new PrintStyle(layout, expanded, value, nullText, tuplesOnly, separator, width);
  }

  public PrintStyle withNullText(String value) {
    return new PrintStyle(layout, expanded, border, value, tuplesOnly, separator, width);
  }

  public PrintStyle withTuplesOnly(boolean value) {
    return new PrintStyle(layout, expanded, border, nullText, value, separator, width);
  }

  public PrintStyle withSeparator(String value) {
    return new PrintStyle(layout, expanded, border, nullText, tuplesOnly, value, width);
  }

  public PrintStyle withWidth(int value) {
    return new PrintStyle(layout, expanded, border, nullText, tuplesOnly, separator, value);
  }

  /** Whether command tags belong into the output: not where a program reads it. */
  public boolean showsTags() {
    return !tuplesOnly && (layout == Layout.ALIGNED || layout == Layout.UNALIGNED);
  }
}
