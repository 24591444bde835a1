package io.pgfleet.gateway.observe;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts SQL text into tokens (PostgreSQL manual, 'Lexical Structure'): which characters are a
 * literal's is all that matters here. In doubt a character belongs to a literal.
 */
final class SqlTokens {
  enum Kind {
    WORD,
    QUOTED_NAME,
    STRING,
    NUMBER,
    PARAMETER,
    SYMBOL
  }

  /**
   * A piece of the text.
   *
   * @param text as it was written; empty for literals, whose text nobody needs
   * @param spaced whether space or a comment stood before it
   */
  record Token(Kind kind, String text, boolean spaced) {
    boolean isWord(String word) {
      return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }

    boolean isSymbol(String symbol) {
      return kind == Kind.SYMBOL && text.equals(symbol);
    }
  }

  private final String text;
  private final boolean backslashEscapes;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private boolean spaced;
  private boolean unterminated;

  private SqlTokens(String text, boolean backslashEscapes) {
    this.text = text;
    this.backslashEscapes = backslashEscapes;
  }

  /**
   * Reads a text.
   *
   * @param backslashEscapes whether plain strings know backslashes (standard_conforming_strings is
   *     off)
   */
  static SqlTokens read(String text, boolean backslashEscapes) {
    SqlTokens reading = new SqlTokens(text, backslashEscapes);
    while (reading.at < text.length()) {
      reading.next();
    }
    return reading;
  }

  List<Token> tokens() {
    return tokens;
  }

  /** A literal, a name or a comment was open at the end. */
  boolean unterminated() {
    return unterminated;
  }

  private void next() {
    char c = text.charAt(at);
    if (Character.isWhitespace(c) || c == 0) {
      at++;
      spaced = true;
    } else if (startsWith("--")) {
      lineComment();
    } else if (startsWith("/*")) {
      comment();
    } else if (c == '\'') {
      string(backslashEscapes);
    } else if (c == '"') {
      quotedName(at);
    } else if (c == '$') {
      dollar();
    } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
      number();
    } else if (isWordStart(c)) {
      word();
    } else {
      symbol();
    }
  }

  private boolean startsWith(String prefix) {
    return text.startsWith(prefix, at);
  }

  private char peek(int ahead) {
    return at + ahead < text.length() ? text.charAt(at + ahead) : 0;
  }

  private void add(Kind kind, String written) {
    tokens.add(new Token(kind, written, spaced));
    spaced = false;
  }

  private void lineComment() {
    while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
      at++;
    }
    spaced = true;
  }

  private void comment() {
    int depth = 0;
    do {
      if (startsWith("/*")) {
        depth++;
        at += 2;
      } else if (startsWith("*/")) {
        depth--;
        at += 2;
      } else {
        at++;
      }
    } while (depth > 0 && at < text.length());
    unterminated |= depth > 0;
    spaced = true;
  }

  /** A string; {@code at} is on its opening quote. */
  private void string(boolean escapes) {
    at++;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\\' && escapes) {
        at += 2;
      } else if (c == '\'' && peek(1) == '\'') {
        at += 2;
      } else if (c == '\'') {
        at++;
        add(Kind.STRING, "");
        return;
      } else {
        at++;
      }
    }
    at = text.length();
    unterminated = true;
    add(Kind.STRING, "");
  }

  private void quotedName(int from) {
    at++;
    while (at < text.length()) {
      if (text.charAt(at) != '"') {
        at++;
      } else if (peek(1) == '"') {
        at += 2;
      } else {
        at++;
        add(Kind.QUOTED_NAME, text.substring(from, at));
        return;
      }
    }
    unterminated = true;
    // who knows whether it is a name: nothing of it is shown
    add(Kind.STRING, "");
  }

  /** A parameter such as $1, or a dollar-quoted string. */
  private void dollar() {
    int end = at + 1;
    if (isDigit(peek(1))) {
      while (end < text.length() && isWordPart(text.charAt(end))) {
        end++;
      }
      String written = text.substring(at, end);
      at = end;
      boolean sound = written.length() < 8 && written.substring(1).chars().allMatch(this::digit);
      add(sound ? Kind.PARAMETER : Kind.NUMBER, sound ? written : "");
      return;
    }
    while (end < text.length() && isWordPart(text.charAt(end)) && text.charAt(end) != '$') {
      end++;
    }
    if (end >= text.length() || text.charAt(end) != '$') {
      // a lone dollar, or a tag that the end of the text cut off
      at = end;
      unterminated |= end >= text.length();
      add(Kind.STRING, "");
      return;
    }
    String tag = text.substring(at, end + 1);
    int close = text.indexOf(tag, end + 1);
    unterminated |= close < 0;
    at = close < 0 ? text.length() : close + tag.length();
    add(Kind.STRING, "");
  }

  private boolean digit(int c) {
    return isDigit((char) c);
  }

  /** A number with all that is written to it, such as 1_000, 0x1F, 1.5e-3 and 12ab. */
  private void number() {
    boolean hexadecimal = text.charAt(at) == '0' && (peek(1) == 'x' || peek(1) == 'X');
    while (at < text.length()) {
      char c = text.charAt(at);
      char before = text.charAt(Math.max(0, at - 1));
      boolean exponentSign =
          (c == '-' || c == '+') && (before == 'e' || before == 'E') && !hexadecimal;
      boolean range = c == '.' && peek(1) == '.';
      if (range || !(isWordPart(c) || c == '.' || (exponentSign && isDigit(peek(1))))) {
        break;
      }
      at++;
    }
    add(Kind.NUMBER, "");
  }

  private void word() {
    int from = at;
    while (at < text.length() && isWordPart(text.charAt(at))) {
      at++;
    }
    String written = text.substring(from, at);
    char next = peek(0);
    if (next == '\'' && written.length() == 1 && "eEbBxXnN".contains(written)) {
      // E'' knows backslashes; so may N''
      string(backslashEscapes || "eE".contains(written));
    } else if (next == '&' && (written.equals("U") || written.equals("u")) && peek(1) == '\'') {
      at++;
      string(false);
    } else if (next == '&' && (written.equals("U") || written.equals("u")) && peek(1) == '"') {
      at++;
      quotedName(from);
    } else {
      add(Kind.WORD, written);
    }
  }

  private void symbol() {
    int size = startsWith("::") || startsWith(":=") || startsWith("..") ? 2 : 1;
    String written = text.substring(at, at + size);
    at += size;
    add(Kind.SYMBOL, written);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
  }

  private static boolean isWordPart(char c) {
    return isWordStart(c) || isDigit(c) || c == '$';
  }
}
