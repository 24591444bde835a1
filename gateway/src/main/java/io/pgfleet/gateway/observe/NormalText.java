package io.pgfleet.gateway.observe;

import io.pgfleet.gateway.observe.SqlTokens.Kind;
import io.pgfleet.gateway.observe.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A statement without its literal values, fit for logs: $1, $2, ... in their place, numbered on
 * from the statement's own parameters; comments gone, lists of values folded. Where it is not sure
 * what is a literal, nothing of the text is shown.
 */
public final class NormalText {
  private static final int MOST_CHARACTERS = 4000;
  private static final Token ELLIPSIS = new Token(Kind.SYMBOL, "...", true);

  private NormalText() {}

  /**
   * Normalises a text.
   *
   * @param cut whether the text is only the beginning of a longer one
   * @param backslashEscapes whether plain strings know backslashes
   */
  public static String of(String sql, boolean cut, boolean backslashEscapes) {
    SqlTokens read = SqlTokens.read(sql, backslashEscapes);
    if (read.unterminated() && !cut) {
      return unreadable(sql.length());
    }
    List<Token> tokens = fold(settingValues(literals(read.tokens())));
    String text = write(tokens, highestParameter(read.tokens()));
    return cut || text.length() > MOST_CHARACTERS
        ? text.substring(0, Math.min(text.length(), MOST_CHARACTERS)) + " ..."
        : text;
  }

  /** What is shown of a statement whose literals can't be told from the rest. */
  public static String unreadable(int characters) {
    return "(a statement of " + characters + " characters that is not valid SQL)";
  }

  /** Marks truth values as literals, joins what PostgreSQL joins, and takes signs into numbers. */
  private static List<Token> literals(List<Token> tokens) {
    List<Token> result = new ArrayList<>();
    for (Token token : tokens) {
      Token last = result.isEmpty() ? null : result.getLast();
      if (token.kind() == Kind.STRING && last != null && last.kind() == Kind.STRING) {
        continue;
      }
      boolean signed =
          token.kind() == Kind.NUMBER
              && last != null
              && (last.isSymbol("-") || last.isSymbol("+"))
              && !endsOperand(result);
      if (signed) {
        Token sign = result.removeLast();
        result.add(new Token(Kind.NUMBER, "", sign.spaced()));
        continue;
      }
      boolean truth =
          (token.isWord("true") || token.isWord("false"))
              && (last == null || !(last.isWord("is") || last.isWord("not")));
      result.add(truth ? new Token(Kind.STRING, "", token.spaced()) : token);
    }
    return result;
  }

  /** Words after which a minus is a sign, not a subtraction. */
  private static final Set<String> BEFORE_VALUES =
      Set.of(
          "select",
          "where",
          "and",
          "or",
          "not",
          "limit",
          "offset",
          "in",
          "between",
          "values",
          "set",
          "by",
          "then",
          "else",
          "when",
          "return",
          "returning",
          "like",
          "using",
          "to",
          "on",
          "case");

  /** Whether what stands before the last token, a sign, is something to subtract from. */
  private static boolean endsOperand(List<Token> tokens) {
    if (tokens.size() < 2) {
      return false;
    }
    Token before = tokens.get(tokens.size() - 2);
    return switch (before.kind()) {
      case WORD -> !BEFORE_VALUES.contains(before.text().toLowerCase(Locale.ROOT));
      case QUOTED_NAME, STRING, NUMBER, PARAMETER -> true;
      case SYMBOL -> before.isSymbol(")") || before.isSymbol("]");
    };
  }

  /** The value of a SET may be a bare word; it is a value all the same. */
  private static List<Token> settingValues(List<Token> tokens) {
    List<Token> result = new ArrayList<>();
    boolean starts = true;
    boolean sets = false;
    boolean value = false;
    for (Token token : tokens) {
      if (token.isSymbol(";")) {
        starts = true;
        sets = false;
        value = false;
        result.add(token);
        continue;
      }
      if (starts) {
        sets = token.isWord("set");
        starts = false;
      }
      boolean constant = constant(token);
      if (!value || constant || !(token.kind() == Kind.WORD || token.kind() == Kind.QUOTED_NAME)) {
        result.add(token);
      } else {
        result.add(new Token(Kind.STRING, "", token.spaced()));
      }
      value |= sets && (token.isSymbol("=") || token.isWord("to"));
    }
    return result;
  }

  private static boolean constant(Token token) {
    return token.kind() == Kind.STRING
        || token.kind() == Kind.NUMBER
        || token.kind() == Kind.PARAMETER;
  }

  /** Writes lists of two and more values as one value and an ellipsis, and so rows of VALUES. */
  private static List<Token> fold(List<Token> tokens) {
    List<Token> result = new ArrayList<>();
    int at = 0;
    while (at < tokens.size()) {
      Token token = tokens.get(at);
      int close = token.isSymbol("(") || token.isSymbol("[") ? listEnd(tokens, at) : -1;
      boolean list = close > at + 2 && foldable(result, token);
      if (!list) {
        result.add(token);
        at++;
        continue;
      }
      result.add(token);
      Token first = tokens.get(at + 1);
      result.add(first.kind() == Kind.WORD ? new Token(Kind.STRING, "", first.spaced()) : first);
      result.add(new Token(Kind.SYMBOL, ",", false));
      result.add(ELLIPSIS);
      result.add(tokens.get(close));
      at = close + 1;
      at = skipRows(tokens, at, result);
    }
    return result;
  }

  private static boolean foldable(List<Token> before, Token open) {
    if (open.isSymbol("[")) {
      return true;
    }
    return !before.isEmpty()
        && (before.getLast().isWord("in") || before.getLast().isWord("values"));
  }

  /** Where the list of nothing but values that begins at {@code open} ends; -1 if it is none. */
  private static int listEnd(List<Token> tokens, int open) {
    String closing = tokens.get(open).isSymbol("(") ? ")" : "]";
    int at = open + 1;
    while (at < tokens.size() && constantOrNull(tokens.get(at))) {
      at++;
      while (at + 1 < tokens.size()
          && tokens.get(at).isSymbol("::")
          && tokens.get(at + 1).kind() == Kind.WORD) {
        at += 2;
      }
      if (at < tokens.size() && tokens.get(at).isSymbol(closing)) {
        return at;
      }
      if (at >= tokens.size() || !tokens.get(at).isSymbol(",")) {
        return -1;
      }
      at++;
    }
    return -1;
  }

  private static boolean constantOrNull(Token token) {
    return constant(token) || token.isWord("null") || token.isWord("default");
  }

  /** Leaves out further rows of a VALUES list. */
  private static int skipRows(List<Token> tokens, int from, List<Token> result) {
    int at = from;
    boolean skipped = false;
    while (at + 1 < tokens.size()
        && tokens.get(at).isSymbol(",")
        && tokens.get(at + 1).isSymbol("(")) {
      int close = listEnd(tokens, at + 1);
      if (close < 0) {
        break;
      }
      at = close + 1;
      skipped = true;
    }
    if (skipped) {
      result.add(new Token(Kind.SYMBOL, ",", false));
      result.add(ELLIPSIS);
    }
    return at;
  }

  private static int highestParameter(List<Token> tokens) {
    return tokens.stream()
        .filter(token -> token.kind() == Kind.PARAMETER)
        .mapToInt(token -> Integer.parseInt(token.text().substring(1)))
        .max()
        .orElse(0);
  }

  private static String write(List<Token> tokens, int highestParameter) {
    int number = highestParameter;
    StringBuilder text = new StringBuilder();
    for (Token token : tokens) {
      if (token.spaced() && !text.isEmpty()) {
        text.append(' ');
      }
      switch (token.kind()) {
        case STRING, NUMBER -> text.append('$').append(++number);
        case WORD, QUOTED_NAME, PARAMETER, SYMBOL -> text.append(token.text());
      }
    }
    return text.toString();
  }
}
