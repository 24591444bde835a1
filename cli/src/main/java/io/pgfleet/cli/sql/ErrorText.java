package io.pgfleet.cli.sql;

import io.pgfleet.wire.ServerReport;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An error or a notice as psql writes it, with the line of the statement it points at. */
final class ErrorText {
  private static final int WIDTH = 60;
  private static final int MARGIN = 10;

  private ErrorText() {}

  static String of(ServerReport report, @Nullable String sql) {
    StringBuilder text = new StringBuilder();
    boolean error = report.severity().equals("ERROR") || report.severity().equals("FATAL");
    text.append(report.severity().toUpperCase(Locale.ROOT)).append(":  ").append(report.message());
    text.append('\n');
    int position = position(report);
    String internal = report.fields().get('q');
    if (position > 0 && sql != null) {
      excerpt(text, sql, position);
    } else if (internal != null) {
      excerpt(text, internal, number(report.fields().get('p')));
    }
    line(text, "DETAIL", report.detail());
    line(text, "HINT", report.hint());
    if (internal != null) {
      line(text, "QUERY", internal);
    }
    if (error) {
      line(text, "CONTEXT", report.fields().get(ServerReport.WHERE));
    }
    return text.toString();
  }

  /** Where in the statement, in characters from 1, or 0. */
  static int position(ServerReport report) {
    return number(report.fields().get(ServerReport.POSITION));
  }

  private static int number(@Nullable String text) {
    try {
      return text == null ? 0 : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static void line(StringBuilder text, String label, @Nullable String value) {
    if (value != null) {
      text.append(label).append(":  ").append(value).append('\n');
    }
  }

  /** Lines before a position. */
  static int lineOffset(String sql, int position) {
    int lines = 0;
    int limit = index(sql, position);
    for (int i = 0; i < limit; i++) {
      if (sql.charAt(i) == '\n') {
        lines++;
      }
    }
    return lines;
  }

  /** PostgreSQL counts code points. */
  private static int index(String sql, int position) {
    int points = sql.codePointCount(0, sql.length());
    return sql.offsetByCodePoints(0, Math.clamp(position - 1L, 0, points));
  }

  private static void excerpt(StringBuilder text, String sql, int position) {
    if (position <= 0) {
      return;
    }
    int index = index(sql, position);
    int start = sql.lastIndexOf('\n', Math.max(0, index - 1)) + 1;
    if (index == 0) {
      start = 0;
    }
    int end = sql.indexOf('\n', index);
    end = end < 0 ? sql.length() : end;
    String before = "";
    String after = "";
    if (end - start > WIDTH) {
      if (index - start > WIDTH - MARGIN) {
        start = index - (WIDTH - MARGIN);
        before = "...";
      }
      if (end - start > WIDTH) {
        end = start + WIDTH;
        after = "...";
      }
    }
    String prefix = "LINE " + (lineOffset(sql, position) + 1) + ": " + before;
    text.append(prefix).append(clean(sql.substring(start, end))).append(after).append('\n');
    int caret =
        io.pgfleet.cli.sql.print.Terminal.width(prefix + clean(sql.substring(start, index)));
    text.append(" ".repeat(caret)).append("^\n");
  }

  private static String clean(String line) {
    return line.replace('\t', ' ').replace("\r", "");
  }
}
