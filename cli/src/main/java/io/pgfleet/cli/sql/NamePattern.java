package io.pgfleet.cli.sql;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A name pattern of a meta command: {@code *} and {@code ?} are wildcards, a dot parts schema and
 * name, double quotes keep case and wildcards as they are.
 *
 * @param schema a regular expression, or null for the search path
 * @param name a regular expression, or null for all
 */
record NamePattern(@Nullable String schema, @Nullable String name) {
  static NamePattern parse(String text) {
    if (text.isEmpty()) {
      return new NamePattern(null, null);
    }
    String schema = null;
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        boolean doubled = quoted && i + 1 < text.length() && text.charAt(i + 1) == '"';
        if (doubled) {
          part.append('"');
          i++;
        } else {
          quoted = !quoted;
        }
      } else if (quoted) {
        append(part, c);
      } else if (c == '.') {
        schema = "^(" + part + ")$";
        part.setLength(0);
      } else if (c == '*') {
        part.append(".*");
      } else if (c == '?') {
        part.append('.');
      } else {
        append(part, Character.toString(c).toLowerCase(Locale.ROOT).charAt(0));
      }
    }
    return new NamePattern(schema, part.isEmpty() ? null : "^(" + part + ")$");
  }

  private static void append(StringBuilder part, char c) {
    if ("\\^$.|?*+()[]{}".indexOf(c) >= 0) {
      part.append('\\');
    }
    part.append(c);
  }

  /** Conditions on a name's column, to be joined by AND. */
  String matches(String column) {
    return name == null ? "true" : regex(column, name);
  }

  /**
   * Conditions on schema and name.
   *
   * @param visible what holds of an object on the search path
   * @param system whether PostgreSQL's own objects count where no schema is given
   */
  String matches(String schemaColumn, String nameColumn, String visible, boolean system) {
    StringBuilder sql = new StringBuilder(matches(nameColumn));
    if (schema != null) {
      return sql.append(" AND ").append(regex(schemaColumn, schema)).toString();
    }
    sql.append(" AND ").append(visible);
    if (name == null && !system) {
      sql.append(" AND ").append(schemaColumn).append(" <> 'pg_catalog' AND ");
      sql.append(schemaColumn).append(" <> 'information_schema' AND ");
      sql.append(schemaColumn).append(" !~ '^pg_toast'");
    }
    return sql.toString();
  }

  private static String regex(String column, String pattern) {
    return column + "::text ~ " + Variables.literal(pattern);
  }
}
