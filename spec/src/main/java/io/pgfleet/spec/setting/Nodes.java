package io.pgfleet.spec.setting;

import java.util.Optional;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** What is asked of YAML nodes: where they stand, what they hold, and how to speak of them. */
final class Nodes {
  private static final int LONGEST_SHOWN = 60;

  /** The value of a key that has none. */
  static final Node NOTHING = new ScalarNode(Tag.NULL, "", ScalarStyle.PLAIN);

  private Nodes() {}

  static Position position(Node node) {
    return Position.of(node.getStartMark());
  }

  static boolean isNothing(Node node) {
    return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
  }

  /** The text of a scalar of this type, empty if the node is anything else. */
  static Optional<String> scalar(Node node, Tag tag) {
    return node instanceof ScalarNode scalar && scalar.getTag().equals(tag)
        ? Optional.of(scalar.getValue())
        : Optional.empty();
  }

  /** What was found in place of the expected value, in words. */
  static String found(Node node) {
    return switch (node) {
      case MappingNode _ -> "a mapping of keys";
      case SequenceNode _ -> "a list";
      case ScalarNode scalar when isNothing(node) -> "nothing";
      case ScalarNode scalar when scalar.getTag().equals(Tag.INT) ->
          "the number " + shown(scalar.getValue());
      case ScalarNode scalar when scalar.getTag().equals(Tag.FLOAT) ->
          "the fraction " + shown(scalar.getValue());
      case ScalarNode scalar when scalar.getTag().equals(Tag.BOOL) -> shown(scalar.getValue());
      case ScalarNode scalar -> "the text '" + shown(scalar.getValue()) + "'";
      default -> "something else";
    };
  }

  /** A piece of the user's text for an error: not too long, and nothing a terminal obeys. */
  static String shown(String text) {
    int length = text.codePointCount(0, text.length());
    String head =
        length <= LONGEST_SHOWN
            ? text
            : text.substring(0, text.offsetByCodePoints(0, LONGEST_SHOWN)) + "...";
    return head.codePoints()
        .map(c -> Character.isISOControl(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
