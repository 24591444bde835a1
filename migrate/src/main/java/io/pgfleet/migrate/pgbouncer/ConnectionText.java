package io.pgfleet.migrate.pgbouncer;

import io.pgfleet.migrate.MigrationException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A connection string such as {@code host=h password='it''s'}. */
final class ConnectionText {
  private ConnectionText() {}

  /** The parameters in their order. */
  static Map<String, String> parse(String text) throws MigrationException {
    Map<String, String> all = new LinkedHashMap<>();
    int at = 0;
    while (true) {
      while (at < text.length() && text.charAt(at) <= ' ') {
        at++;
      }
      if (at >= text.length()) {
        return all;
      }
      int equals = text.indexOf('=', at);
      String key = equals < 0 ? "" : text.substring(at, equals).strip();
      if (key.isEmpty() || !key.matches("[A-Za-z_]+")) {
        throw new MigrationException("not a list of 'key=value' parted by spaces");
      }
      at = equals + 1;
      while (at < text.length() && text.charAt(at) <= ' ') {
        at++;
      }
      StringBuilder value = new StringBuilder();
      if (at < text.length() && text.charAt(at) == '\'') {
        at = quoted(text, at, value);
      } else {
        while (at < text.length() && text.charAt(at) > ' ') {
          value.append(text.charAt(at++));
        }
      }
      all.put(key, value.toString());
    }
  }

  private static int quoted(String text, int from, StringBuilder value) throws MigrationException {
    int at = from + 1;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '\'') {
        value.append(c);
        at++;
      } else if (at + 1 < text.length() && text.charAt(at + 1) == '\'') {
        value.append('\'');
        at += 2;
      } else {
        return at + 1;
      }
    }
    throw new MigrationException("a quoted value is not closed");
  }
}
