package io.pgfleet.cli.sql;

import java.util.ArrayList;
import java.util.List;

/**
 * A meta command taken apart: name and arguments, quotes removed, variables replaced.
 *
 * @param name without backslash
 * @param rest all after the name, as written
 * @param arguments what the rest holds
 */
record MetaArguments(String name, String rest, List<String> arguments) {
  MetaArguments {
    arguments = List.copyOf(arguments);
  }

  static MetaArguments parse(String text, Variables variables) throws ShellException {
    int end = 0;
    while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    String name = text.substring(0, end);
    String rest = text.substring(end).strip();
    boolean raw = name.equals("copy");
    return new MetaArguments(name, rest, raw ? List.of() : split(rest, variables));
  }

  String get(int index, String otherwise) {
    return index < arguments.size() ? arguments.get(index) : otherwise;
  }

  /** The arguments from one on, joined by spaces. */
  String from(int index) {
    return String.join(" ", arguments.subList(Math.min(index, arguments.size()), arguments.size()));
  }

  private static List<String> split(String rest, Variables variables) throws ShellException {
    List<String> arguments = new ArrayList<>();
    int i = 0;
    while (i < rest.length()) {
      if (Character.isWhitespace(rest.charAt(i))) {
        i++;
        continue;
      }
      StringBuilder argument = new StringBuilder();
      i = one(rest, i, argument, variables);
      arguments.add(argument.toString());
    }
    return arguments;
  }

  private static int one(String rest, int start, StringBuilder argument, Variables variables)
      throws ShellException {
    int i = start;
    while (i < rest.length() && !Character.isWhitespace(rest.charAt(i))) {
      char c = rest.charAt(i);
      Variables.Reference reference = c == ':' ? variables.reference(rest, i) : null;
      if (reference != null) {
        argument.append(reference.replacement().strip());
        i += reference.length();
      } else if (c == '\'') {
        i = singleQuoted(rest, i, argument);
      } else if (c == '"') {
        // The quotes stay: they keep the case of a name in a pattern.
        int end = rest.indexOf('"', i + 1);
        if (end < 0) {
          throw new ShellException("unterminated quoted string: " + rest.substring(i));
        }
        argument.append(rest, i, end + 1);
        i = end + 1;
      } else {
        argument.append(c);
        i++;
      }
    }
    return i;
  }

  private static int singleQuoted(String rest, int start, StringBuilder argument)
      throws ShellException {
    int i = start + 1;
    while (i < rest.length()) {
      char c = rest.charAt(i);
      boolean more = i + 1 < rest.length();
      if (c == '\\' && more) {
        char escaped = rest.charAt(i + 1);
        argument.append(
            switch (escaped) {
              case 'n' -> '\n';
              case 't' -> '\t';
              case 'r' -> '\r';
              case 'b' -> '\b';
              case 'f' -> '\f';
              default -> escaped;
            });
        i += 2;
      } else if (c == '\'' && more && rest.charAt(i + 1) == '\'') {
        argument.append('\'');
        i += 2;
      } else if (c == '\'') {
        return i + 1;
      } else {
        argument.append(c);
        i++;
      }
    }
    throw new ShellException("unterminated quoted string: " + rest.substring(start));
  }

  /** An argument without the double quotes that kept its case, as a name is meant. */
  static String unquoted(String argument) {
    boolean quoted = argument.length() >= 2 && argument.startsWith("\"") && argument.endsWith("\"");
    return quoted ? argument.substring(1, argument.length() - 1).replace("\"\"", "\"") : argument;
  }
}
