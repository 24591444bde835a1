package io.pgfleet.spec;

import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A mapping in the text of a sound YAML file, and where its parts stand. Offsets are in chars. */
record NodeMapping(String text, MappingNode mapping) {
  /** The whole file; empty for one without a key. */
  static Optional<NodeMapping> of(String text) {
    return new Compose(LoadSettings.builder().setBufferSize(Math.max(1024, text.length())).build())
        .composeString(text)
        .filter(MappingNode.class::isInstance)
        .map(MappingNode.class::cast)
        .map(root -> new NodeMapping(text, root));
  }

  List<NodeTuple> entries() {
    return mapping.getValue();
  }

  /** Whether it stands on lines of its own, not in braces. */
  boolean isBlock() {
    return mapping.getFlowStyle() != FlowStyle.FLOW;
  }

  Optional<NodeTuple> entry(String key) {
    return entries().stream().filter(entry -> key(entry).equals(key)).findFirst();
  }

  static String key(NodeTuple entry) {
    return entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
  }

  /** The value of a key, if it is a mapping. */
  Optional<NodeMapping> below(String key) {
    return entry(key)
        .map(NodeTuple::getValueNode)
        .filter(MappingNode.class::isInstance)
        .map(value -> new NodeMapping(text, (MappingNode) value));
  }

  int start(Node node) {
    return offset(node.getStartMark());
  }

  /** Line and column of a node, from 1. */
  static int[] place(Node node) {
    return node.getStartMark()
        .map(mark -> new int[] {mark.getLine() + 1, mark.getColumn() + 1})
        .orElse(new int[] {1, 1});
  }

  /**
   * Where an entry ends. A block's own end mark stands after the blank lines and comments that
   * follow it, so its last part counts.
   */
  int end(NodeTuple entry) {
    return Math.max(last(entry.getKeyNode()), last(entry.getValueNode()));
  }

  private int last(Node node) {
    if (node instanceof CollectionNode<?> collection
        && collection.getFlowStyle() != FlowStyle.FLOW) {
      int furthest = start(node);
      for (Object part : collection.getValue()) {
        furthest =
            Math.max(furthest, part instanceof NodeTuple entry ? end(entry) : last((Node) part));
      }
      return furthest;
    }
    boolean absent = node instanceof ScalarNode scalar && scalar.getValue().isEmpty();
    // Nothing, as the value of a key, is marked where the next thing begins.
    return absent
        ? start(node) == offset(node.getEndMark()) ? -1 : offset(node.getEndMark())
        : offset(node.getEndMark());
  }

  private int offset(Optional<Mark> mark) {
    return text.offsetByCodePoints(0, mark.orElseThrow().getIndex());
  }

  /** The offset of the line's first character. */
  int lineStart(int offset) {
    return text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** The offset after the line's end; the text's end on its last line. */
  int lineEnd(int offset) {
    int end = text.indexOf('\n', offset);
    return end < 0 ? text.length() : end + 1;
  }
}
