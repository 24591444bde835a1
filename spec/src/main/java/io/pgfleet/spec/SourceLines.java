package io.pgfleet.spec;

import io.pgfleet.spec.setting.Position;
import io.pgfleet.spec.setting.Reading;
import java.util.List;

/** The lines of a file as they may be shown beside a problem. */
final class SourceLines {
  private static final int LONGEST_LINE = 160;

  private final String[] lines;
  private final List<Reading.Secret> secrets;

  SourceLines(String text, List<Reading.Secret> secrets) {
    this.lines = text.split("\r\n|\r|\n", -1);
    this.secrets = secrets;
  }

  /**
   * The line at the position, secrets as asterisks and control characters as blanks, so that each
   * column stays where it was; empty if the column lies too far out to be shown.
   */
  String at(Position position) {
    if (position.line() > lines.length || position.column() > LONGEST_LINE) {
      return "";
    }
    List<Reading.Secret> near = secrets.stream().filter(s -> touches(s, position.line())).toList();
    int[] shown = lines[position.line() - 1].codePoints().limit(LONGEST_LINE).toArray();
    for (int i = 0; i < shown.length; i++) {
      if (isIn(near, new Position(position.line(), i + 1))) {
        shown[i] = '*';
      } else if (Character.isISOControl(shown[i])) {
        shown[i] = ' ';
      }
    }
    return new String(shown, 0, shown.length).stripTrailing();
  }

  /** Whether any of the secret may stand in the part of the line that is shown. */
  private static boolean touches(Reading.Secret secret, int line) {
    Position from = secret.from();
    return secret.to().line() >= line
        && (from.line() < line || (from.line() == line && from.column() <= LONGEST_LINE));
  }

  private static boolean isIn(List<Reading.Secret> secrets, Position position) {
    return secrets.stream()
        .anyMatch(s -> position.compareTo(s.from()) >= 0 && position.compareTo(s.to()) < 0);
  }
}
