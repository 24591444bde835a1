package io.pgfleet.cli.sql.print;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** psql's aligned table, character for character (the parity test compares them). */
final class AlignedLayout implements TableLayout {
  private final PrintStyle style;
  private final List<DisplayText> headers;
  private final List<ColumnKind> kinds;
  private final int[] widths;
  private final Writer out;

  AlignedLayout(
      PrintStyle style,
      List<DisplayText> headers,
      List<ColumnKind> kinds,
      int[] widths,
      Writer out) {
    this.style = style;
    this.headers = headers;
    this.kinds = kinds;
    this.widths = widths;
    this.out = out;
  }

  int totalWidth() {
    int total = 0;
    for (int width : widths) {
      total += width;
    }
    return total
        + switch (style.border()) {
          case 0 -> widths.length;
          case 1 -> widths.length * 3 - (widths.length > 0 ? 1 : 0);
          default -> widths.length * 3 + 1;
        };
  }

  @Override
  public void begin(@Nullable String title) throws IOException {
    if (style.tuplesOnly()) {
      return;
    }
    if (title != null) {
      spaces((totalWidth() - DisplayText.width(title)) / 2);
      out.append(title).append('\n');
    }
    if (style.border() == 2) {
      rule();
    }
    if (widths.length > 0) {
      header();
    }
    rule();
  }

  private void header() throws IOException {
    int lines = headers.stream().mapToInt(h -> h.lines().size()).max().orElse(0);
    for (int line = 0; line < lines; line++) {
      if (style.border() == 2) {
        out.append('|');
      }
      for (int i = 0; i < widths.length; i++) {
        List<String> texts = headers.get(i).lines();
        String text = line < texts.size() ? texts.get(line) : "";
        int free = widths[i] - DisplayText.width(text);
        if (style.border() != 0) {
          out.append(' ');
        }
        spaces(free / 2);
        out.append(text);
        spaces((free + 1) / 2);
        out.append(line + 1 < texts.size() ? '+' : ' ');
        if (style.border() != 0 && i + 1 < widths.length) {
          out.append('|');
        }
      }
      out.append(style.border() == 2 ? "|\n" : "\n");
    }
  }

  private void rule() throws IOException {
    String edge = style.border() == 0 ? "" : "-";
    if (widths.length == 0) {
      out.append(style.border() == 2 ? "+--+\n" : edge + edge + "\n");
      return;
    }
    if (style.border() == 2) {
      out.append('+');
    }
    for (int i = 0; i < widths.length; i++) {
      out.append(edge).append("-".repeat(widths[i])).append(edge);
      if (i + 1 < widths.length) {
        out.append(style.border() == 0 ? ' ' : '+');
      }
    }
    out.append(style.border() == 2 ? "+\n" : "\n");
  }

  @Override
  public void row(DisplayText[] cells) throws IOException {
    if (cells.length == 0) {
      return;
    }
    int lines = 1;
    for (DisplayText cell : cells) {
      lines = Math.max(lines, cell.lines().size());
    }
    for (int line = 0; line < lines; line++) {
      if (style.border() == 2) {
        out.append('|');
      }
      for (int i = 0; i < cells.length; i++) {
        cell(cells[i].lines(), line, i);
      }
      out.append(style.border() == 2 ? "|\n" : "\n");
    }
  }

  private void cell(List<String> texts, int line, int column) throws IOException {
    boolean last = column + 1 == widths.length;
    boolean padded = style.border() == 2 || !last;
    boolean continues = line + 1 < texts.size();
    String text = line < texts.size() ? texts.get(line) : "";
    int free = widths[column] - DisplayText.width(text);
    if (style.border() != 0) {
      out.append(' ');
    }
    if (line < texts.size() && kinds.get(column).right()) {
      spaces(free);
      out.append(text);
    } else {
      out.append(text);
      if (padded || continues) {
        spaces(free);
      }
    }
    if (continues) {
      out.append('+');
    } else if (padded) {
      out.append(' ');
    }
    if (style.border() != 0 && !last) {
      out.append('|');
    }
  }

  @Override
  public void end(@Nullable List<String> footers, long rows) throws IOException {
    if (style.border() == 2 && !style.tuplesOnly()) {
      rule();
    }
    if (!style.tuplesOnly()) {
      for (String footer : footers == null ? List.of(TableLayout.count(rows)) : footers) {
        out.append(footer).append('\n');
      }
    }
    out.append('\n');
  }

  private void spaces(int count) throws IOException {
    if (count > 0) {
      out.append(" ".repeat(count));
    }
  }
}
