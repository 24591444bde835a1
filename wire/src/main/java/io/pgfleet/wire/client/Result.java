package io.pgfleet.wire.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one statement answered, whole.
 *
 * @param columns empty for a statement that returns no rows
 * @param rows in the order they came
 * @param tag the command tag, such as {@code INSERT 0 3}; empty for an empty statement
 */
public record Result(List<Column> columns, List<Row> rows, String tag) {
  public Result {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /**
   * The value of a result of one row, first column.
   *
   * @throws IllegalStateException if there is not exactly one row
   */
  public @Nullable String single() {
    return onlyRow().get(0);
  }

  /**
   * The row of a result of one row.
   *
   * @throws IllegalStateException if there is not exactly one row
   */
  public Row onlyRow() {
    if (rows.size() != 1) {
      throw new IllegalStateException("expected one row, got " + rows.size());
    }
    return rows.getFirst();
  }

  /** Rows the tag counts, or 0 for a command whose tag counts none. */
  public long affected() {
    return affected(tag);
  }

  /** The number at the end of a command tag, or 0 for a tag without one. */
  public static long affected(String tag) {
    String last = tag.substring(tag.lastIndexOf(' ') + 1);
    if (last.isEmpty() || last.length() > 18 || !last.chars().allMatch(Result::isDigit)) {
      return 0;
    }
    return Long.parseLong(last);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
