package io.pgfleet.spec.setting;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Says of a text that is no YAML where, and what was probably meant. */
final class SyntaxErrors {
  private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");

  private SyntaxErrors() {}

  static void report(YamlEngineException e, String text, Section section, Reading reading) {
    hideSecrets(text, section, reading);
    if (!(e instanceof MarkedYamlEngineException marked)) {
      reading.add(new Problem(Position.START, "", "not YAML: " + e.getMessage(), Optional.empty()));
      return;
    }
    Position at = Position.of(marked.getProblemMark());
    String[] lines = LINE_END.split(text, -1);
    boolean tabbed = false;
    for (int line = 1; line <= lines.length; line++) {
      int tab = indentingTab(lines[line - 1]);
      if (tab >= 0) {
        tabbed |= line == at.line();
        reading.add(
            new Problem(
                new Position(line, tab + 1),
                "",
                "a tab indents this line",
                Optional.of("YAML is indented with spaces, two for each level")));
      }
    }
    if (!tabbed) {
      reading.add(
          new Problem(
              at,
              "",
              "not YAML: " + plain(marked.getProblem()) + context(marked, at),
              Optional.of(hint(marked.getProblem()))));
    }
  }

  /** Where a tab stands before the line's first word, or -1. */
  private static int indentingTab(String line) {
    int tab = line.indexOf('\t');
    return tab >= 0 && line.substring(0, tab).isBlank() && !line.isBlank() ? tab : -1;
  }

  private static String context(MarkedYamlEngineException e, Position at) {
    Position from = Position.of(e.getContextMark());
    return e.getContext() == null || from.line() >= at.line()
        ? ""
        : ", " + plain(e.getContext()) + " in line " + from.line();
  }

  /** The parser's words without its names for tokens. */
  private static String plain(String words) {
    return words.contains("expected <block end>")
        ? "the indentation fits no line above"
        : Nodes.shown(words.replace("<scalar>", "a word").replaceAll("['<>]{2}", "'"));
  }

  private static String hint(String problem) {
    if (problem.contains("mapping values are not allowed")) {
      return "is the line indented like its neighbours, or a colon in a text without quotes?";
    }
    if (problem.contains("expected <block end>")) {
      return "indent the line like its neighbours";
    }
    return problem.contains("could not find expected ':'")
        ? "write key: value, with a space after the colon"
        : "check quotes, brackets and indentation here and in the lines above";
  }

  /**
   * What is no YAML has no values to tell secrets by, so all that follows a secret's key is one.
   */
  private static void hideSecrets(String text, Section section, Reading reading) {
    String keys =
        section
            .settingsBelow()
            .filter(Setting::secret)
            .map(setting -> Pattern.quote(setting.key()))
            .collect(Collectors.joining("|"));
    if (keys.isEmpty()) {
      return;
    }
    Pattern key = Pattern.compile("(?:" + keys + ")[\"']?\\s*:");
    String[] lines = LINE_END.split(text, -1);
    for (int line = 1; line <= lines.length; line++) {
      Matcher found = key.matcher(lines[line - 1]);
      if (found.find()) {
        int column = lines[line - 1].codePointCount(0, found.end()) + 1;
        reading.hide(new Position(line, column), new Position(line + 1, 1));
      }
    }
  }
}
