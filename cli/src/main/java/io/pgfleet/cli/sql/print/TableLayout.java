package io.pgfleet.cli.sql.print;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table once its widths are known. */
interface TableLayout {
  void begin(@Nullable String title) throws IOException;

  void row(DisplayText[] cells) throws IOException;

  void end(@Nullable List<String> footers, long rows) throws IOException;

  static String count(long rows) {
    return rows == 1 ? "(1 row)" : "(" + rows + " rows)";
  }
}
