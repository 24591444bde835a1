package io.pgfleet.migrate.haproxy;

import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a haproxy.cfg as words (HAProxy's configuration manual, 'Quoting and escaping'):
 * parted by space, with '...', "...", backslashes, and comments after a bare #.
 */
final class HaproxyText {
  /** A line that says something. */
  record Line(int number, List<String> words) {
    Line {
      words = List.copyOf(words);
    }

    String first() {
      return words.getFirst();
    }

    /** The word at an index, or an empty text. */
    String word(int index) {
      return index < words.size() ? words.get(index) : "";
    }

    /** The word behind another one, or an empty text. */
    String after(String word) {
      int at = words.indexOf(word);
      return at < 0 ? "" : word(at + 1);
    }

    boolean has(String word) {
      return words.contains(word);
    }
  }

  private HaproxyText() {}

  static List<Line> read(String text) {
    List<Line> lines = new ArrayList<>();
    int number = 0;
    for (String raw : text.split("\n", -1)) {
      number++;
      List<String> words = words(raw);
      if (!words.isEmpty()) {
        lines.add(new Line(number, words));
      }
    }
    return lines;
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean within = false;
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0 && c == quote) {
        quote = 0;
      } else if (c == '\\' && quote != '\'' && i + 1 < line.length()) {
        word.append(line.charAt(++i));
        within = true;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
        within = true;
      } else if (quote == 0 && c == '#') {
        break;
      } else if (quote == 0 && c <= ' ') {
        if (within) {
          words.add(word.toString());
          word.setLength(0);
          within = false;
        }
      } else {
        word.append(c);
        within = true;
      }
    }
    if (within) {
      words.add(word.toString());
    }
    return words;
  }
}
