package io.pgfleet.consensus.group;

import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import java.util.Comparator;
import java.util.Optional;

/**
 * The standbys to which a primary can move on purpose: those that an election could choose. Where
 * commits wait for nobody, one that streams is taken into the synchronous set for the move.
 */
public final class MoveTargets {
  private MoveTargets() {}

  /** Whether a standby is one. */
  public static boolean include(
      GroupSpec group, GroupState state, Member primary, NodeName standby) {
    return group.durability().waits()
        ? state.voters().contains(standby)
        : isPromotable(group, standby)
            && primary.standbys().stream()
                .anyMatch(row -> row.node().equals(standby) && row.state().equals("streaming"));
  }

  /** The one that lacks least of the primary's WAL; empty if there is none. */
  public static Optional<NodeName> best(GroupSpec group, GroupState state, Member primary) {
    return primary.standbys().stream()
        .filter(row -> include(group, state, primary, row.node()))
        .min(Comparator.comparingLong(Member.Standby::lagBytes))
        .map(Member.Standby::node);
  }

  private static boolean isPromotable(GroupSpec group, NodeName name) {
    return group.nodes().stream()
        .filter(node -> node.name().equals(name))
        .anyMatch(node -> !node.neverPromote());
  }
}
