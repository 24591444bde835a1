package io.pgfleet.cli.sql.print;

import io.pgfleet.cli.sql.print.PrintStyle.Expanded;
import io.pgfleet.wire.client.Column;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** psql's unaligned output: values as they are, a separator between them. */
final class DelimitedPrinter implements RowPrinter {
  private final PrintStyle style;
  private final List<Column> columns;
  private final @Nullable String title;
  private final Writer out;
  private final boolean records;
  private boolean begun;
  private long count;

  DelimitedPrinter(PrintStyle style, List<Column> columns, @Nullable String title, Writer out) {
    this.style = style;
    this.columns = columns;
    this.title = title;
    this.out = out;
    this.records = style.expanded() == Expanded.ON;
  }

  private void begin() throws IOException {
    if (begun) {
      return;
    }
    begun = true;
    if (style.tuplesOnly()) {
      return;
    }
    if (title != null) {
      out.append(title).append('\n');
    }
    if (!records) {
      out.append(String.join(style.separator(), columns.stream().map(Column::name).toList()))
          .append('\n');
    }
  }

  @Override
  public void row(@Nullable String[] values) throws IOException {
    begin();
    if (records && count > 0) {
      out.append('\n');
    }
    count++;
    for (int i = 0; i < values.length; i++) {
      if (records) {
        out.append(columns.get(i).name()).append(style.separator());
      } else if (i > 0) {
        out.append(style.separator());
      }
      String value = values[i];
      out.append(value == null ? style.nullText() : value);
      if (records) {
        out.append('\n');
      }
    }
    if (!records) {
      out.append('\n');
    }
  }

  @Override
  public void end(@Nullable List<String> footers) throws IOException {
    begin();
    if (style.tuplesOnly()) {
      return;
    }
    if (records && count > 0) {
      for (String footer : footers == null ? List.<String>of() : footers) {
        out.append('\n').append(footer).append('\n');
      }
      return;
    }
    for (String footer : footers == null ? List.of(TableLayout.count(count)) : footers) {
      out.append(footer).append('\n');
    }
  }
}
