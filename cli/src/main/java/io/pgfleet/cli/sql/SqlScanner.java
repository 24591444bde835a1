package io.pgfleet.cli.sql;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Cuts lines of text into statements and meta commands by PostgreSQL's lexical rules (manual,
 * 'Lexical Structure'): a semicolon ends a statement unless it stands in quotes, dollar quotes,
 * comments, parentheses or the BEGIN ATOMIC body of a function. Lines come in with {@link #append},
 * items go out one at a time with {@link #next}, so that a {@code \set} acts on the rest of its own
 * line.
 */
final class SqlScanner {
  private enum Mode {
    PLAIN,
    QUOTE,
    ESCAPE_QUOTE,
    IDENTIFIER,
    DOLLAR,
    COMMENT
  }

  /** What the text was cut into. */
  sealed interface Item {}

  /**
   * @param sql with its semicolon, variables replaced
   * @param line of its first character, from 1
   */
  record Statement(String sql, int line) implements Item {}

  /**
   * @param text after the backslash
   * @param line where it stands, from 1
   */
  record Meta(String text, int line) implements Item {}

  private final StringBuilder statement = new StringBuilder();
  private String line = "";
  private int at;
  private int lineNumber;
  private int statementLine = 1;
  private Mode mode = Mode.PLAIN;
  private int commentDepth;
  private int parentheses;
  private int blocks;
  private int words;
  private boolean create;
  private boolean routine;
  private String dollarTag = "";
  private boolean hasToken;
  private boolean standardStrings = true;

  /** Whether a backslash in '...' is an ordinary character, as the server reports. */
  void setStandardStrings(boolean standard) {
    standardStrings = standard;
  }

  /** Adds a line, without its line feed; the one before must be used up. */
  void append(String text) {
    line = text + "\n";
    at = 0;
    lineNumber++;
  }

  /** The number of the last line. */
  int lineNumber() {
    return lineNumber;
  }

  /** Whether a statement has begun and not ended. */
  boolean isPending() {
    return hasToken || mode != Mode.PLAIN;
  }

  /** Whether the text ends inside quotes or a comment. */
  boolean isInside() {
    return mode != Mode.PLAIN;
  }

  /** What has been read of the unfinished statement. */
  String buffer() {
    return statement.toString();
  }

  int statementLine() {
    return statementLine;
  }

  /** Takes the unfinished statement out, as a {@code \g} or the end of a file does. */
  String take() {
    String text = statement.toString();
    reset();
    return text;
  }

  /** Forgets the unfinished statement. */
  void reset() {
    statement.setLength(0);
    mode = Mode.PLAIN;
    commentDepth = 0;
    parentheses = 0;
    blocks = 0;
    words = 0;
    create = false;
    routine = false;
    hasToken = false;
  }

  /** Puts a text in as if it had been typed. */
  void preload(String text) {
    statement.append(text);
    hasToken = !text.isBlank();
  }

  /** Forgets the rest of the line too. */
  void dropLine() {
    at = line.length();
  }

  /** The next item of the line, or null when more lines are needed. */
  @Nullable Item next(Variables variables) {
    while (at < line.length()) {
      Item item =
          switch (mode) {
            case PLAIN -> plain(variables);
            case QUOTE -> quoted('\'', false);
            case ESCAPE_QUOTE -> quoted('\'', true);
            case IDENTIFIER -> quoted('"', false);
            case DOLLAR -> dollar();
            case COMMENT -> comment();
          };
      if (item != null) {
        return item;
      }
    }
    return null;
  }

  private @Nullable Item plain(Variables variables) {
    char c = line.charAt(at);
    if (c == '\\') {
      return meta();
    }
    if (Character.isWhitespace(c)) {
      if (!statement.isEmpty()) {
        statement.append(c);
      }
      at++;
      return null;
    }
    if (statement.isEmpty()) {
      statementLine = lineNumber;
    }
    if (line.startsWith("--", at)) {
      copy(line.length() - at);
      return null;
    }
    if (line.startsWith("/*", at)) {
      mode = Mode.COMMENT;
      commentDepth = 1;
      copy(2);
      return null;
    }
    if (c == ';' && parentheses == 0 && blocks == 0) {
      boolean empty = !hasToken;
      copy(1);
      int first = statementLine;
      String sql = take();
      return empty ? null : new Statement(sql, first);
    }
    hasToken = true;
    if (c == ':') {
      colon(variables);
    } else if (isWordStart(c)) {
      word();
    } else if (c == '$') {
      dollarQuote();
    } else {
      symbol(c);
    }
    return null;
  }

  private void symbol(char c) {
    switch (c) {
      case '\'' -> mode = standardStrings ? Mode.QUOTE : Mode.ESCAPE_QUOTE;
      case '"' -> mode = Mode.IDENTIFIER;
      case '(' -> parentheses++;
      case ')' -> parentheses = Math.max(0, parentheses - 1);
      default -> {}
    }
    int length = 1;
    // A number swallows its letters, so that 1e'...' begins no escape string.
    while (Character.isDigit(c) && at + length < line.length() && isWordPart(at + length)) {
      length++;
    }
    copy(length);
  }

  private void colon(Variables variables) {
    if (line.startsWith("::", at)) {
      copy(2);
      return;
    }
    Variables.Reference reference = variables.reference(line, at);
    if (reference == null) {
      copy(1);
      return;
    }
    statement.append(reference.replacement());
    at += reference.length();
  }

  private void word() {
    int end = at + 1;
    while (end < line.length() && isWordPart(end)) {
      end++;
    }
    String word = line.substring(at, end).toLowerCase(Locale.ROOT);
    boolean quoteFollows = end < line.length() && line.charAt(end) == '\'';
    if (word.equals("e") && quoteFollows) {
      mode = Mode.ESCAPE_QUOTE;
      copy(2);
      return;
    }
    words++;
    count(word);
    copy(end - at);
  }

  /** Follows the blocks of a routine with an SQL body, where semicolons end inner statements. */
  private void count(String word) {
    if (words == 1) {
      create = word.equals("create");
    } else if (words <= 4 && create && (word.equals("function") || word.equals("procedure"))) {
      routine = true;
    }
    if (!routine || parentheses > 0) {
      return;
    }
    switch (word) {
      case "begin" -> blocks++;
      case "case" -> blocks += blocks > 0 ? 1 : 0;
      case "end" -> blocks -= blocks > 0 ? 1 : 0;
      default -> {}
    }
  }

  private void dollarQuote() {
    int end = at + 1;
    while (end < line.length() && line.charAt(end) != '$' && isWordPart(end)) {
      end++;
    }
    boolean tag =
        end < line.length() && line.charAt(end) == '$' && !Character.isDigit(line.charAt(at + 1));
    if (tag) {
      dollarTag = line.substring(at, end + 1);
      mode = Mode.DOLLAR;
    }
    copy(tag ? dollarTag.length() : 1);
  }

  private @Nullable Item dollar() {
    int end = line.indexOf(dollarTag, at);
    if (end < 0) {
      copy(line.length() - at);
    } else {
      copy(end + dollarTag.length() - at);
      mode = Mode.PLAIN;
    }
    return null;
  }

  private @Nullable Item quoted(char quote, boolean escapes) {
    char c = line.charAt(at);
    if (escapes && c == '\\' && at + 1 < line.length()) {
      copy(2);
      return null;
    }
    if (c == quote) {
      // A doubled quote closes and opens again, which comes to the same; E must be kept though.
      if (at + 1 < line.length() && line.charAt(at + 1) == quote) {
        copy(2);
        return null;
      }
      mode = Mode.PLAIN;
    }
    copy(1);
    return null;
  }

  private @Nullable Item comment() {
    if (line.startsWith("/*", at)) {
      commentDepth++;
      copy(2);
    } else if (line.startsWith("*/", at)) {
      commentDepth--;
      copy(2);
      if (commentDepth == 0) {
        mode = Mode.PLAIN;
      }
    } else {
      copy(1);
    }
    return null;
  }

  /** A command reaches to the end of the line, or to a backslash outside quotes. */
  private Item meta() {
    int start = at + 1;
    int end = line.length() - 1;
    char quote = 0;
    boolean whole = line.startsWith("copy ", start) || line.startsWith("! ", start);
    for (int i = start; i < line.length() - 1 && !whole; i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        if (c == '\\' && quote == '\'') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '\\' && i > start) {
        end = i;
        break;
      }
    }
    String text = line.substring(start, end).strip();
    at = line.startsWith("\\\\", end) ? end + 2 : end;
    return new Meta(text, lineNumber);
  }

  private void copy(int length) {
    statement.append(line, at, at + length);
    at += length;
  }

  private static boolean isWordStart(char c) {
    return c == '_' || Character.isLetter(c) || c >= 0x80;
  }

  private boolean isWordPart(int index) {
    char c = line.charAt(index);
    return isWordStart(c) || Character.isDigit(c) || c == '$';
  }
}
