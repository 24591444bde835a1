package io.pgfleet.spec.setting;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The entries of a mapping, each key once. */
record Entries(String key, Place place, Node value) {
  /** The entries in the text's order; a key that is no text or comes again is reported. */
  static List<Entries> of(Place place, MappingNode mapping) {
    Map<String, Position> seen = new HashMap<>();
    List<Entries> entries = new ArrayList<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Node key = tuple.getKeyNode();
      if (!(key instanceof ScalarNode scalar)) {
        place
            .child("?", key, tuple.getValueNode())
            .refuseKey("a key is one word, found " + Nodes.found(key), "write key: value");
        continue;
      }
      String name = scalar.getValue();
      Place at = place.child(name, key, tuple.getValueNode());
      Position first = seen.putIfAbsent(name, at.key());
      if (first == null) {
        entries.add(new Entries(name, at, tuple.getValueNode()));
      } else {
        at.hide(tuple.getValueNode());
        at.refuseKey("given twice, first in line " + first.line(), "keep one of the two");
      }
    }
    return entries;
  }
}
