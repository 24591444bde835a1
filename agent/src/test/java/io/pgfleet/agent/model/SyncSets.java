package io.pgfleet.agent.model;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Nodes as indices from 0 and synchronous sets as numbers: a bit for each member, and above them
 * how many acknowledge.
 */
final class SyncSets {
  static final int NONE = 0;

  private static final NodeName[] NAMES = {
    new NodeName("n1"), new NodeName("n2"), new NodeName("n3"), new NodeName("n4")
  };
  private static final @Nullable SyncSet[] DECODED = new SyncSet[1 << (Bounds.MOST_NODES + 3)];

  private SyncSets() {}

  static NodeName name(int node) {
    return NAMES[node];
  }

  static int index(NodeName name) {
    return name.value().charAt(1) - '1';
  }

  static int code(SyncSet set) {
    int mask = 0;
    for (NodeName member : set.members()) {
      mask |= 1 << index(member);
    }
    return mask | (set.acknowledging() << Bounds.MOST_NODES);
  }

  static int of(int members, int wanted) {
    int acknowledging = Math.min(wanted, Integer.bitCount(members));
    return members | (acknowledging << Bounds.MOST_NODES);
  }

  static boolean contains(int code, int node) {
    return ((code >>> node) & 1) != 0;
  }

  static int acknowledging(int code) {
    return code >>> Bounds.MOST_NODES;
  }

  static SyncSet decoded(int code) {
    SyncSet known = DECODED[code];
    if (known == null) {
      List<NodeName> members = new ArrayList<>();
      for (int node = 0; node < Bounds.MOST_NODES; node++) {
        if (contains(code, node)) {
          members.add(name(node));
        }
      }
      known = SyncSet.of(members, acknowledging(code));
      DECODED[code] = known;
    }
    return known;
  }
}
