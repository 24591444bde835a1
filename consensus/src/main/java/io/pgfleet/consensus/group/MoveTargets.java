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

  /** Whether a standby is one, by what is seen of its group now. */
  public static boolean include(GroupSpec group, GroupView view, NodeName standby) {
    if (view.member(standby).filter(Member::cannotLead).isPresent()) {
      return false;
    }
    return group.durability().waits()
        ? view.state().filter(state -> state.value().voters().contains(standby)).isPresent()
        : isPromotable(group, standby)
            && view.servingPrimary().filter(primary -> primary.streamsTo(standby)).isPresent();
  }

  /** The one that lacks least of the primary's WAL; empty if there is none. */
  public static Optional<NodeName> best(GroupSpec group, GroupView view) {
    return view.servingPrimary().stream()
        .flatMap(primary -> primary.standbys().stream())
        .filter(row -> include(group, view, row.node()))
        .min(Comparator.comparingLong(Member.Standby::lagBytes))
        .map(Member.Standby::node);
  }

  private static boolean isPromotable(GroupSpec group, NodeName name) {
    return group.nodes().stream()
        .filter(node -> node.name().equals(name))
        .anyMatch(node -> !node.neverPromote());
  }
}
