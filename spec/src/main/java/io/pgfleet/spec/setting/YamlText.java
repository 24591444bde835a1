package io.pgfleet.spec.setting;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.snakeyaml.engine.v2.schema.Schema;

/**
 * YAML 1.2 with its core schema, without aliases and tags and in one document: what a settings file
 * needs. The text is first walked event by event, which takes no stack, so that neither depth nor
 * aliases can hurt when it is composed.
 */
public final class YamlText {
  private static final int DEEPEST = 32;
  private static final int LARGEST_BUFFER = 1 << 18;
  private static final Schema SCHEMA = new CoreSchema();
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9.]+");

  private YamlText() {}

  /** Reads the text into the section; whatever is wrong is in the reading. */
  public static Values read(String text, Section section, Reading reading) {
    int known = reading.problems().size();
    if (text.isEmpty()) {
      return values(section, reading, Nodes.NOTHING);
    }
    if (isPrintable(text, reading)) {
      try {
        checkEvents(text, reading);
        if (reading.problems().size() == known) {
          return values(section, reading, compose(text));
        }
      } catch (YamlEngineException e) {
        SyntaxErrors.report(e, text, section, reading);
      }
    }
    return values(section, new Reading(reading.folder()), Nodes.NOTHING);
  }

  /**
   * A default, which is known to be YAML. The usual ones need no parser, which saves a start-up.
   */
  static Node fragment(String yaml) {
    if (yaml.equals("{}")) {
      return new MappingNode(Tag.MAP, List.of(), FlowStyle.FLOW);
    }
    return PLAIN.matcher(yaml).matches()
        ? new ScalarNode(SCHEMA.getScalarResolver().resolve(yaml, true), yaml, ScalarStyle.PLAIN)
        : compose(yaml);
  }

  /** With a buffer as large as the text, since a long word costs the square of refills. */
  private static LoadSettings settings(String text) {
    return LoadSettings.builder()
        .setSchema(SCHEMA)
        .setAllowNonScalarKeys(true)
        .setBufferSize(Math.clamp(text.length(), 1024, LARGEST_BUFFER))
        .build();
  }

  private static Node compose(String text) {
    return new Compose(settings(text)).composeString(text).orElse(Nodes.NOTHING);
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
    for (Event event : new Parse(settings(text)).parseString(text)) {
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
}
