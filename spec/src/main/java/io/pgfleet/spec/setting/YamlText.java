package io.pgfleet.spec.setting;

import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * YAML 1.2 with its core schema, without aliases and tags and in one document: what a settings file
 * needs. The text is first walked event by event, which takes no stack, so that neither depth nor
 * aliases can hurt when it is composed.
 */
public final class YamlText {
  private static final int DEEPEST = 32;
  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setSchema(new CoreSchema()).setAllowNonScalarKeys(true).build();

  private YamlText() {}

  /** Reads the text into the section; whatever is wrong is in the reading. */
  public static Values read(String text, Section section, Reading reading) {
    int known = reading.problems().size();
    if (isPrintable(text, reading)) {
      try {
        checkEvents(text, reading);
        if (reading.problems().size() == known) {
          return values(section, reading, compose(text));
        }
      } catch (YamlEngineException e) {
        report(e, text, reading);
      }
    }
    return values(section, new Reading(reading.folder()), Nodes.NOTHING);
  }

  /** A default, which is known to be YAML. */
  static Node fragment(String yaml) {
    return compose(yaml);
  }

  private static Node compose(String text) {
    return new Compose(SETTINGS).composeString(text).orElse(Nodes.NOTHING);
  }

  private static Values values(Section section, Reading reading, Node node) {
    return section.read(reading.top(), node).orElseThrow();
  }

  private static boolean isPrintable(String text, Reading reading) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
      int c = text.codePointAt(i);
      if (!StreamReader.isPrintable(c)) {
        reading.add(
            new Problem(
                new Position(line, column),
                "",
                String.format("the character U+%04X is not allowed in YAML", c),
                Optional.of("fleet files are plain UTF-8 text; is this the right file?")));
        return false;
      }
      boolean ends = c == '\n' || (c == '\r' && !text.startsWith("\n", i + 1));
      line += ends ? 1 : 0;
      column = ends ? 1 : column + 1;
    }
    return true;
  }

  private static void checkEvents(String text, Reading reading) {
    int depth = 0;
    int documents = 0;
    for (Event event : new Parse(SETTINGS).parseString(text)) {
      switch (event) {
        case DocumentStartEvent _ -> documents++;
        case CollectionStartEvent start -> {
          depth++;
          start.getTag().ifPresent(tag -> refuseTag(event, tag, reading));
        }
        case CollectionEndEvent _ -> depth--;
        case ScalarEvent scalar -> scalar.getTag().ifPresent(t -> refuseTag(event, t, reading));
        case AliasEvent alias ->
            refuse(
                event,
                "the alias *" + Nodes.shown(alias.getAlias().getValue()) + " is not read here",
                "write the value out in each place",
                reading);
        default -> {}
      }
      if (depth > DEEPEST) {
        refuse(event, "nested too deeply", "fleet files have at most five levels", reading);
        return;
      }
      if (documents > 1) {
        refuse(event, "a second YAML document begins", "keep one fleet in one file", reading);
        return;
      }
    }
  }

  private static void refuseTag(Event event, String tag, Reading reading) {
    refuse(event, "the tag " + Nodes.shown(tag) + " is not read here", "leave it out", reading);
  }

  private static void refuse(Event event, String message, String hint, Reading reading) {
    reading.add(new Problem(Position.of(event.getStartMark()), "", message, Optional.of(hint)));
  }

  private static void report(YamlEngineException e, String text, Reading reading) {
    if (!(e instanceof MarkedYamlEngineException marked)) {
      reading.add(new Problem(Position.START, "", "not YAML: " + e.getMessage(), Optional.empty()));
      return;
    }
    Position at = Position.of(marked.getProblemMark());
    String[] lines = text.split("\r\n|\r|\n", -1);
    boolean tabbed = false;
    for (int line = 1; line <= lines.length; line++) {
      String indent = lines[line - 1].replaceFirst("[^ \t].*", "");
      if (indent.indexOf('\t') >= 0 && !lines[line - 1].isBlank()) {
        tabbed |= line == at.line();
        reading.add(
            new Problem(
                new Position(line, indent.indexOf('\t') + 1),
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
}
