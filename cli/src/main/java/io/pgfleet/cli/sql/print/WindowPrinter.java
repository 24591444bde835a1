package io.pgfleet.cli.sql.print;

import io.pgfleet.cli.sql.print.PrintStyle.Expanded;
import io.pgfleet.wire.client.Column;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tables whose widths the first rows decide. A result of any size needs the memory of that window
 * only; a later value that is wider pushes its own line out of place.
 */
final class WindowPrinter implements RowPrinter {
  private static final int WINDOW_ROWS = 1_000;
  private static final int WINDOW_CHARACTERS = 4 << 20;

  private final PrintStyle style;
  private final List<Column> columns;
  private final @Nullable String title;
  private final Writer out;
  private final List<DisplayText[]> window = new ArrayList<>();
  private long characters;
  private long count;
  private @Nullable TableLayout layout;

  WindowPrinter(PrintStyle style, List<Column> columns, @Nullable String title, Writer out) {
    this.style = style;
    this.columns = columns;
    this.title = title;
    this.out = out;
  }

  @Override
  public void row(@Nullable String[] values) throws IOException {
    count++;
    DisplayText[] cells = new DisplayText[values.length];
    for (int i = 0; i < values.length; i++) {
      String value = values[i];
      String shown = value == null ? style.nullText() : value;
      characters += shown.length();
      cells[i] = DisplayText.of(shown);
    }
    if (layout != null) {
      layout.row(cells);
      return;
    }
    window.add(cells);
    if (window.size() >= WINDOW_ROWS || characters >= WINDOW_CHARACTERS) {
      begin();
    }
  }

  private TableLayout begin() throws IOException {
    List<DisplayText> headers =
        columns.stream().map(column -> DisplayText.of(column.name())).toList();
    int[] widths = new int[headers.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = headers.get(i).width();
      for (DisplayText[] row : window) {
        widths[i] = Math.max(widths[i], row[i].width());
      }
    }
    AlignedLayout table =
        new AlignedLayout(
            style, headers, columns.stream().map(ColumnKind::of).toList(), widths, out);
    boolean records =
        style.expanded() == Expanded.ON
            || (style.expanded() == Expanded.AUTO && table.totalWidth() > style.width());
    TableLayout chosen = records ? new ExpandedLayout(style, headers, widths, window, out) : table;
    layout = chosen;
    chosen.begin(title);
    for (DisplayText[] row : window) {
      chosen.row(row);
    }
    window.clear();
    return chosen;
  }

  @Override
  public void end(@Nullable List<String> footers) throws IOException {
    TableLayout used = layout == null ? begin() : layout;
    used.end(footers, count);
  }
}
