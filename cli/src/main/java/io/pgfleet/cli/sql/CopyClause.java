package io.pgfleet.cli.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A {@code \copy} taken apart.
 *
 * @param what table with its columns, or a query in parentheses, as written
 * @param from whether data goes to the server
 * @param place a file's name, or one of stdin, stdout, pstdin, pstdout
 * @param isFile whether the place is a file
 * @param options the rest, as written
 */
record CopyClause(String what, boolean from, String place, boolean isFile, String options) {
  private static final String USAGE =
      "usage: \\copy TABLE [(COLUMN, ...)] | (QUERY) from|to 'FILE'|stdin|stdout [OPTIONS]";

  static CopyClause parse(String text) throws ShellException {
    String stripped = text.strip();
    boolean ended = stripped.endsWith(";");
    List<String> tokens = tokens(ended ? stripped.substring(0, stripped.length() - 1) : stripped);
    int direction = -1;
    for (int i = 1; i < tokens.size() && direction < 0; i++) {
      String word = tokens.get(i).toLowerCase(Locale.ROOT);
      if (word.equals("from") || word.equals("to")) {
        direction = i;
      }
    }
    if (direction < 0 || direction + 1 >= tokens.size()) {
      throw new ShellException(USAGE);
    }
    String target = tokens.get(direction + 1);
    String word = target.toLowerCase(Locale.ROOT);
    if (word.equals("program")) {
      throw new ShellException("PROGRAM is not known here; pipe through stdin or stdout instead");
    }
    boolean from = tokens.get(direction).equalsIgnoreCase("from");
    boolean stream =
        from
            ? word.equals("stdin") || word.equals("pstdin")
            : word.equals("stdout") || word.equals("pstdout");
    String what = String.join(" ", tokens.subList(0, direction));
    String options = String.join(" ", tokens.subList(direction + 2, tokens.size()));
    String place = target.startsWith("'") ? unquote(target) : stream ? word : target;
    return new CopyClause(what, from, place, !stream, options);
  }

  /** The statement for the server. */
  String sql() {
    return "COPY " + what + (from ? " FROM STDIN " : " TO STDOUT ") + options;
  }

  private static String unquote(String token) {
    return token.substring(1, token.length() - 1).replace("''", "'");
  }

  /** Words, quoted texts and parenthesised groups. */
  private static List<String> tokens(String text) throws ShellException {
    List<String> tokens = new ArrayList<>();
    StringBuilder token = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\'' || c == '"') {
        int end = i + 1;
        while (end < text.length()
            && (text.charAt(end) != c
                || (end + 1 < text.length() && text.charAt(end + 1) == c && ++end > 0))) {
          end++;
        }
        if (end >= text.length()) {
          throw new ShellException("unterminated quoted string: " + text.substring(i));
        }
        token.append(text, i, end + 1);
        i = end;
      } else if (Character.isWhitespace(c) && depth == 0) {
        flush(token, tokens);
      } else {
        if (c == '(' && depth == 0) {
          flush(token, tokens);
        }
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        token.append(c);
        if (c == ')' && depth == 0) {
          flush(token, tokens);
        }
      }
    }
    flush(token, tokens);
    return tokens;
  }

  private static void flush(StringBuilder token, List<String> tokens) {
    if (!token.isEmpty()) {
      tokens.add(token.toString());
      token.setLength(0);
    }
  }
}
