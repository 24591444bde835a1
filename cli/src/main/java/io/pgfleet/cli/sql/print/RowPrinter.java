package io.pgfleet.cli.sql.print;

import io.pgfleet.wire.client.Column;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes one result set as its rows come. */
public interface RowPrinter {
  /** One row, with a text or null for each column. */
  void row(@Nullable String[] values) throws IOException;

  /**
   * The end.
   *
   * @param footers lines below the table; if null, the number of rows stands there
   */
  void end(@Nullable List<String> footers) throws IOException;

  /**
   * The printer of a style.
   *
   * @param title above a table, or null
   */
  static RowPrinter of(PrintStyle style, List<Column> columns, @Nullable String title, Writer out) {
    return switch (style.layout()) {
      case ALIGNED -> new WindowPrinter(style, columns, title, out);
      case UNALIGNED -> new DelimitedPrinter(style, columns, title, out);
      case CSV -> new CsvPrinter(style, columns, out);
      case JSON -> new JsonPrinter(columns, out);
    };
  }
}
