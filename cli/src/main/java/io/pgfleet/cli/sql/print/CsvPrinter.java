package io.pgfleet.cli.sql.print;

import io.pgfleet.wire.client.Column;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Comma-separated values (RFC 4180, with line feeds as psql writes them). */
final class CsvPrinter implements RowPrinter {
  private final PrintStyle style;
  private final List<Column> columns;
  private final Writer out;
  private boolean begun;

  CsvPrinter(PrintStyle style, List<Column> columns, Writer out) {
    this.style = style;
    this.columns = columns;
    this.out = out;
  }

  private void begin() throws IOException {
    if (!begun && !style.tuplesOnly()) {
      line(columns.stream().map(Column::name).toArray(String[]::new));
    }
    begun = true;
  }

  @Override
  public void row(@Nullable String[] values) throws IOException {
    begin();
    line(values);
  }

  private void line(@Nullable String[] values) throws IOException {
    for (int i = 0; i < values.length; i++) {
      if (i > 0) {
        out.append(',');
      }
      String value = values[i];
      out.append(quoted(value == null ? style.nullText() : value));
    }
    out.append('\n');
  }

  private static String quoted(String value) {
    boolean plain =
        value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
            && !value.equals("\\.");
    return plain ? value : "\"" + value.replace("\"", "\"\"") + "\"";
  }

  @Override
  public void end(@Nullable List<String> footers) throws IOException {
    begin();
  }
}
