package io.pgfleet.cli.sql.print;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** psql's expanded table: a record for each row, a line for each value. */
final class ExpandedLayout implements TableLayout {
  private final PrintStyle style;
  private final List<DisplayText> headers;
  private final Writer out;
  private final int headerWidth;
  private final int dataWidth;
  private long records;

  ExpandedLayout(
      PrintStyle style,
      List<DisplayText> headers,
      int[] widths,
      List<DisplayText[]> window,
      Writer out) {
    this.style = style;
    this.headers = headers;
    this.out = out;
    int widest = 0;
    boolean severalHeaderLines = false;
    for (DisplayText header : headers) {
      widest = Math.max(widest, header.width());
      severalHeaderLines |= header.lines().size() > 1;
    }
    int data = 0;
    for (DisplayText[] row : window) {
      for (DisplayText cell : row) {
        data = Math.max(data, cell.width());
      }
    }
    // The mark of a line that goes on takes a column of its own.
    this.headerWidth = widest + (severalHeaderLines && style.border() != 2 ? 1 : 0);
    this.dataWidth = data;
    assert widths.length == headers.size();
  }

  @Override
  public void begin(@Nullable String title) throws IOException {
    if (title != null && !style.tuplesOnly()) {
      out.append(title).append('\n');
    }
  }

  @Override
  public void row(DisplayText[] cells) throws IOException {
    records++;
    if (!style.tuplesOnly()) {
      recordLine("[ RECORD " + records + " ]", "* Record " + records);
    } else if (records > 1) {
      recordLine("", "");
    }
    for (int i = 0; i < cells.length; i++) {
      value(headers.get(i).lines(), cells[i].lines());
    }
  }

  private void recordLine(String text, String textWithoutBorder) throws IOException {
    int border = style.border();
    String head = border == 0 ? textWithoutBorder : text;
    StringBuilder line = new StringBuilder();
    String fill = border == 0 ? " " : "-";
    line.append(border == 2 ? "+-" : border == 1 ? "-" : "").append(head);
    int left = headerWidth + (border == 2 ? 2 : border == 1 ? 0 : -1);
    line.append(fill.repeat(Math.max(0, left - line.length())));
    if (border > 0) {
      for (String part : List.of("-", "+", "-")) {
        left++;
        if (line.length() < left) {
          line.append(part);
        }
      }
    } else {
      left++;
      line.append(line.length() < left ? " " : "");
    }
    line.append(fill.repeat(Math.max(0, left + dataWidth - line.length())));
    out.append(line).append(border == 2 ? "-+\n" : "\n");
  }

  private void value(List<String> names, List<String> texts) throws IOException {
    int border = style.border();
    int lines = Math.max(names.size(), texts.size());
    for (int i = 0; i < lines; i++) {
      String name = i < names.size() ? names.get(i) : "";
      boolean nameGoesOn = i + 1 < names.size();
      String text = i < texts.size() ? texts.get(i) : "";
      boolean textGoesOn = i + 1 < texts.size();
      StringBuilder line = new StringBuilder(border == 2 ? "| " : "");
      line.append(name);
      int pad = headerWidth - DisplayText.width(name);
      boolean markInside = border != 2 && nameGoesOn;
      line.append(" ".repeat(Math.max(0, pad - (markInside ? 1 : 0))));
      line.append(nameGoesOn ? "+" : border == 0 ? "" : " ");
      line.append(border == 0 ? " " : nameGoesOn && border == 1 ? " | " : "| ");
      line.append(text);
      if (border == 2 || textGoesOn) {
        line.append(" ".repeat(Math.max(0, dataWidth - DisplayText.width(text))));
      }
      line.append(textGoesOn ? "+" : border == 2 ? " " : "");
      out.append(line).append(border == 2 ? "|\n" : "\n");
    }
  }

  @Override
  public void end(@Nullable List<String> footers, long rows) throws IOException {
    if (style.border() == 2 && rows > 0) {
      recordLine("", "");
    }
    if (rows == 0 && !style.tuplesOnly() && footers == null) {
      out.append(TableLayout.count(0)).append("\n\n");
      return;
    }
    if (!style.tuplesOnly() && footers != null && !footers.isEmpty()) {
      out.append('\n');
      for (String footer : footers) {
        out.append(footer).append('\n');
      }
    }
    out.append('\n');
  }
}
