package io.pgfleet.wire.client;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One row of a {@link Result}: a text or null for each column. */
public final class Row {
  private final List<Column> columns;
  private final @Nullable String[] values;

  Row(List<Column> columns, @Nullable String[] values) {
    this.columns = columns;
    this.values = values;
  }

  /** How many values there are. */
  public int size() {
    return values.length;
  }

  /** The value of a column, counted from 0. */
  public @Nullable String get(int column) {
    return values[column];
  }

  /**
   * The value of the first column with a name.
   *
   * @throws IllegalArgumentException if there is no such column
   */
  public @Nullable String get(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return values[i];
      }
    }
    throw new IllegalArgumentException("the result has no column " + column);
  }

  /**
   * The value of a column that is never null.
   *
   * @throws IllegalStateException if it is null
   */
  public String required(String column) {
    String value = get(column);
    if (value == null) {
      throw new IllegalStateException("column " + column + " is null");
    }
    return value;
  }

  /** The values in the order of the columns; a copy. */
  public @Nullable String[] values() {
    return values.clone();
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}
