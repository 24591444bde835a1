package io.pgfleet.cli.sql.print;

import io.pgfleet.wire.client.Column;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An array of objects. Numbers, booleans, null and JSON columns keep their types. */
final class JsonPrinter implements RowPrinter {
  private final List<String> names;
  private final List<ColumnKind> kinds;
  private final Writer out;
  private boolean begun;

  JsonPrinter(List<Column> columns, Writer out) {
    this.names = columns.stream().map(column -> quoted(column.name())).toList();
    this.kinds = columns.stream().map(ColumnKind::of).toList();
    this.out = out;
  }

  @Override
  public void row(@Nullable String[] values) throws IOException {
    out.append(begun ? ",\n " : "[");
    begun = true;
    for (int i = 0; i < values.length; i++) {
      out.append(i == 0 ? "{" : ", ").append(names.get(i)).append(": ");
      out.append(value(values[i], kinds.get(i)));
    }
    out.append(values.length == 0 ? "{}" : "}");
  }

  @Override
  public void end(@Nullable List<String> footers) throws IOException {
    out.append(begun ? "]\n" : "[]\n");
  }

  private static String value(@Nullable String text, ColumnKind kind) {
    if (text == null) {
      return "null";
    }
    return switch (kind) {
      // NaN and Infinity are numbers to PostgreSQL and not to JSON
      case NUMBER -> Character.isLetter(text.charAt(text.length() - 1)) ? quoted(text) : text;
      case BOOLEAN -> text.equals("t") ? "true" : "false";
      case JSON -> text;
      case RIGHT, TEXT -> quoted(text);
    };
  }

  /** A string literal (RFC 8259, section 7). */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (c < ' ') {
            quoted.append("\\u%04x".formatted((int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
