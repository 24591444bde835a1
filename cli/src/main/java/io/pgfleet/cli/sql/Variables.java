package io.pgfleet.cli.sql;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The variables of a shell, as {@code \set} makes them. */
final class Variables {
  static final String ON_ERROR_STOP = "ON_ERROR_STOP";

  private final Map<String, String> values = new TreeMap<>();

  @Nullable String get(String name) {
    return values.get(name);
  }

  void set(String name, String value) throws ShellException {
    if (!isName(name)) {
      throw new ShellException("invalid variable name: \"" + name + "\"");
    }
    if (name.equals(ON_ERROR_STOP)) {
      isTrue(name, value);
    }
    values.put(name, value);
  }

  void unset(String name) {
    values.remove(name);
  }

  Map<String, String> all() {
    return values;
  }

  /** Whether a variable is set to something true. */
  boolean isOn(String name) {
    String value = values.get(name);
    try {
      return value != null && isTrue(name, value);
    } catch (ShellException e) {
      return false;
    }
  }

  /** Reads a truth value as psql does. */
  static boolean isTrue(String what, String value) throws ShellException {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "on", "true", "yes", "1", "" -> true;
      case "off", "false", "no", "0" -> false;
      default ->
          throw new ShellException(
              "unrecognized value \"" + value + "\" for \"" + what + "\": on or off expected");
    };
  }

  static boolean isName(String text) {
    return !text.isEmpty() && text.chars().allMatch(Variables::isNamePart);
  }

  static boolean isNamePart(int c) {
    return c == '_' || (c < 0x80 ? Character.isLetterOrDigit(c) : c >= 0x80);
  }

  /**
   * What stands for a reference: {@code :name}, {@code :'name'}, {@code :"name"} or {@code
   * :{?name}} at the start of a text.
   *
   * @return the replacement and the length of the reference, or null if there is none
   */
  @Nullable Reference reference(String text, int colon) {
    int start = colon + 1;
    if (start >= text.length()) {
      return null;
    }
    char first = text.charAt(start);
    if (text.startsWith("{?", start)) {
      int end = text.indexOf('}', start);
      if (end < 0 || !isName(text.substring(start + 2, end))) {
        return null;
      }
      boolean known = values.containsKey(text.substring(start + 2, end));
      return new Reference(known ? "TRUE" : "FALSE", end + 1 - colon);
    }
    if (first == '\'' || first == '"') {
      int end = text.indexOf(first, start + 1);
      String value = end < 0 ? null : values.get(text.substring(start + 1, end));
      if (value == null) {
        return null;
      }
      return new Reference(first == '"' ? identifier(value) : literal(value), end + 1 - colon);
    }
    int end = start;
    while (end < text.length() && isNamePart(text.charAt(end))) {
      end++;
    }
    String value = values.get(text.substring(start, end));
    return value == null ? null : new Reference(value, end - colon);
  }

  record Reference(String replacement, int length) {}

  /** A text as an SQL literal. */
  static String literal(String text) {
    String quoted = "'" + text.replace("'", "''") + "'";
    return text.indexOf('\\') < 0 ? quoted : " E" + quoted.replace("\\", "\\\\");
  }

  /** A text as a quoted SQL identifier. */
  static String identifier(String text) {
    return "\"" + text.replace("\"", "\"\"") + "\"";
  }
}
