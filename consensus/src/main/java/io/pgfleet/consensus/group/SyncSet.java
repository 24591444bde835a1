package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A set of standbys of which some number must have flushed a commit before it is acknowledged.
 *
 * <p>It is used for two things that must never contradict each other: what the primary waits for
 * ({@code synchronous_standby_names}) and what an election believes in (see {@code
 * io.pgfleet.agent.decide.SyncPlan}).
 *
 * @param members the standbys
 * @param acknowledging how many of them must have flushed; 0 exactly when there is no member
 */
public record SyncSet(SortedSet<NodeName> members, int acknowledging) {
  /** Nobody but the primary has to have a commit. */
  public static final SyncSet NONE = new SyncSet(Collections.emptySortedSet(), 0);

  public SyncSet {
    members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
    boolean sound =
        members.isEmpty()
            ? acknowledging == 0
            : acknowledging >= 1 && acknowledging <= members.size();
    if (!sound) {
      throw new IllegalArgumentException(acknowledging + " of " + members);
    }
  }

  /** As many of the members as wanted, or all of them if they are fewer; none if none is wanted. */
  public static SyncSet of(Collection<NodeName> members, int wanted) {
    return members.isEmpty() || wanted == 0
        ? NONE
        : new SyncSet(new TreeSet<>(members), Math.clamp(wanted, 1, members.size()));
  }

  public boolean isEmpty() {
    return members.isEmpty();
  }

  /** The fewest members whose answers include one that has every acknowledged commit. */
  public int answersNeeded() {
    return members.size() - acknowledging + 1;
  }

  public boolean contains(NodeName node) {
    return members.contains(node);
  }

  /**
   * The value of {@code synchronous_standby_names} (PostgreSQL manual, 'Replication', the form
   * {@code ANY num_sync (...)}).
   */
  public String standbyNames() {
    return isEmpty()
        ? ""
        : members.stream()
            .map(member -> '"' + member.value() + '"')
            .collect(Collectors.joining(", ", "ANY " + acknowledging + " (", ")"));
  }

  @Override
  public String toString() {
    return isEmpty()
        ? "none"
        : members.stream()
            .map(NodeName::value)
            .collect(Collectors.joining(", ", acknowledging + " of ", ""));
  }
}
