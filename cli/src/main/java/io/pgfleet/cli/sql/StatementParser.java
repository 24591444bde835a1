package io.pgfleet.cli.sql;

import java.util.Locale;
import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.impl.DefaultParser;

/** Tells the line editor when a statement is whole, and what a word is. */
final class StatementParser implements Parser {
  private final Words words = new Words();
  private boolean data;

  /** Whether what is typed is COPY data, where each line is whole. */
  void data(boolean typed) {
    data = typed;
  }

  /** Words end at blanks and at SQL's punctuation. */
  private static final class Words extends DefaultParser {
    Words() {
      setQuoteChars(new char[0]);
      setEscapeChars(new char[0]);
    }

    @Override
    public boolean isDelimiterChar(CharSequence buffer, int position) {
      return super.isDelimiterChar(buffer, position)
          || "(),;=<>".indexOf(buffer.charAt(position)) >= 0;
    }
  }

  @Override
  public ParsedLine parse(String line, int cursor, ParseContext context) {
    if (context == ParseContext.ACCEPT_LINE && !data && !isWhole(line)) {
      throw new EOFError(-1, -1, "the statement goes on");
    }
    return words.parse(line, cursor, ParseContext.COMPLETE);
  }

  /** Whether a text leaves nothing unfinished, or ends in a meta command that may act on it. */
  static boolean isWhole(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    if (word.equals("exit") || word.equals("quit") || word.equals("help")) {
      return true;
    }
    SqlScanner scanner = new SqlScanner();
    Variables none = new Variables();
    boolean metaLast = false;
    for (String line : text.split("\n", -1)) {
      metaLast = false;
      scanner.append(line);
      for (SqlScanner.Item item = scanner.next(none); item != null; item = scanner.next(none)) {
        metaLast = item instanceof SqlScanner.Meta;
      }
    }
    return metaLast || !scanner.isPending();
  }
}
