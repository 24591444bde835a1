package io.pgfleet.cli.sql.print;

import java.util.ArrayList;
import java.util.List;

/**
 * A value as a terminal shows it: its lines, and the columns each takes. Control characters become
 * visible escapes as in psql, so that data can't steer the terminal.
 *
 * @param lines at least one, without control characters
 */
record DisplayText(List<String> lines) {
  DisplayText {
    lines = List.copyOf(lines);
  }

  static DisplayText of(String value) {
    if (isPlain(value)) {
      return new DisplayText(List.of(value));
    }
    List<String> lines = new ArrayList<>();
    for (String line : value.split("\n", -1)) {
      lines.add(visible(line));
    }
    return new DisplayText(lines);
  }

  private static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || (c >= 0x7F && c < 0xA0)) {
        return false;
      }
    }
    return true;
  }

  private static String visible(String line) {
    if (isPlain(line)) {
      return line;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\t') {
        text.repeat(' ', 8 - width(text.toString()) % 8);
      } else if (c == '\r') {
        text.append("\\r");
      } else if (c < ' ' || c == 0x7F) {
        text.append("\\x%02X".formatted((int) c));
      } else if (c > 0x7F && c < 0xA0) {
        text.append("\\u%04X".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  int width() {
    int width = 0;
    for (String line : lines) {
      width = Math.max(width, width(line));
    }
    return width;
  }

  /** Columns that a line takes in a terminal. */
  static int width(String line) {
    int width = 0;
    int i = 0;
    while (i < line.length()) {
      int codePoint = line.codePointAt(i);
      width += width(codePoint);
      i += Character.charCount(codePoint);
    }
    return width;
  }

  private static int width(int codePoint) {
    if (codePoint < 0x300) {
      return 1;
    }
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
      default -> isWide(codePoint) ? 2 : 1;
    };
  }

  /** East Asian Width W and F (Unicode Standard Annex 11), in blocks, emoji included. */
  private static boolean isWide(int c) {
    if (c < 0x1100) {
      return false;
    }
    return c <= 0x115F
        || c == 0x231A
        || c == 0x231B
        || (c >= 0x23E9 && c <= 0x23EC)
        || c == 0x23F0
        || c == 0x23F3
        || (c >= 0x2600 && c <= 0x27BF && Character.isEmojiPresentation(c))
        || (c >= 0x2B1B && c <= 0x2B55 && Character.isEmojiPresentation(c))
        || (c >= 0x2E80 && c <= 0x303E)
        || (c >= 0x3041 && c <= 0xA4CF)
        || (c >= 0xA960 && c <= 0xA97C)
        || (c >= 0xAC00 && c <= 0xD7A3)
        || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0xFE30 && c <= 0xFE6F)
        || (c >= 0xFF01 && c <= 0xFF60)
        || (c >= 0xFFE0 && c <= 0xFFE6)
        || (c >= 0x16FE0 && c <= 0x1B2FB)
        || (c >= 0x1F000 && c <= 0x1FAFF && Character.isEmojiPresentation(c))
        || (c >= 0x1F200 && c <= 0x1F265)
        || (c >= 0x20000 && c <= 0x3FFFD);
  }
}
