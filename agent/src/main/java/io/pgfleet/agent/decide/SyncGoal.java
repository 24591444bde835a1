package io.pgfleet.agent.decide;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a primary should wait for, by the group's durability and the standbys that are there. {@link
 * SyncPlan} brings names and voters there.
 *
 * <table>
 * <caption>With k the group's number of synchronous standbys</caption>
 * <tr><th>standbys there</th><th>quorum</th><th>strict</th><th>async</th></tr>
 * <tr><td>k or more</td><td>k of them</td><td>k of them</td><td>none</td></tr>
 * <tr><td>fewer, at least one</td><td>all of them</td><td>k of all others</td><td>none</td></tr>
 * <tr><td>none</td><td>none</td><td>k of all others</td><td>none</td></tr>
 * </table>
 *
 * <p>With strict, every value given here asks for at least k standbys, and {@link SyncPlan} only
 * ever gives a primary names that are wanted. So the primary never acknowledges a commit with less,
 * whichever step is the last of a crashed agent. That also needs that a server is never started or
 * promoted with other names: {@link #atFirst} says those of a primary's first moment, and {@link
 * #atRest} what a standby has in its configuration, which some of its processes may still go by for
 * a moment after it was promoted.
 *
 * @param synchronous k; 0 with async
 * @param others the group's nodes without this one and without those that are never promoted
 */
public record SyncGoal(Durability durability, int synchronous, Set<NodeName> others) {
  public SyncGoal {
    others = Collections.unmodifiableSet(new TreeSet<>(others));
  }

  /** The goal of one node of a group. */
  public static SyncGoal of(GroupSpec group, NodeName me) {
    return new SyncGoal(
        group.durability(),
        group.synchronous(),
        group.nodes().stream()
            .filter(node -> !node.neverPromote())
            .map(NodeSpec::name)
            .filter(node -> !node.equals(me))
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  /** What to wait for with these standbys there. */
  public SyncSet wanted(Collection<NodeName> present) {
    return switch (durability) {
      case ASYNC -> SyncSet.NONE;
      case QUORUM -> SyncSet.of(present, synchronous);
      // Whoever comes back counts, so none is left out.
      case STRICT -> SyncSet.of(present.size() < synchronous ? others : present, synchronous);
    };
  }

  /**
   * The same while the primary is to move to a node. Where commits wait for nobody, they wait for
   * that one if it is there: then it loses none of them, and may be elected.
   */
  public SyncSet wanted(Collection<NodeName> present, Optional<NodeName> next) {
    return durability == Durability.ASYNC
        ? next.filter(present::contains).map(to -> SyncSet.of(Set.of(to), 1)).orElse(SyncSet.NONE)
        : wanted(present);
  }

  /** What a standby's configuration names; it has no meaning there before it is promoted. */
  public SyncSet atRest() {
    return wanted(Set.of());
  }

  /**
   * What to wait for from the first commit on, before any standby has connected. Safe with the
   * voters that stand: a primary that starts again may be succeeded before its first round.
   */
  public SyncSet atFirst(Collection<NodeName> alive, SyncSet voters) {
    SyncSet wanted = wanted(alive);
    return durability == Durability.STRICT && !SyncPlan.safe(wanted, voters)
        ? noFewerThan(voters)
        : SyncPlan.firstNames(wanted, voters);
  }

  /**
   * The voters, made up to k members and k acknowledging where an earlier durability asked for
   * less. Of those k at most as many are added as acknowledge more, so it stays safe.
   */
  private SyncSet noFewerThan(SyncSet voters) {
    Set<NodeName> members = new TreeSet<>(voters.members());
    for (NodeName other : others) {
      if (members.size() < synchronous) {
        members.add(other);
      }
    }
    return SyncSet.of(members, Math.max(synchronous, voters.acknowledging()));
  }
}
