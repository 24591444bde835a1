package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;

/**
 * What a group has agreed on for good: one value, changed only by compare-and-set.
 *
 * @param systemIdentifier PostgreSQL's own number of this data, unsigned; a server with another one
 *     is not of this group
 * @param term the newest term given out
 * @param leader who took that term; it has every commit acknowledged up to now
 * @param voters the standbys an election may believe, and how many answers it needs
 */
public record GroupState(long systemIdentifier, Term term, NodeName leader, SyncSet voters) {
  /** The same reign with another electing rule. */
  public GroupState withVoters(SyncSet voters) {
    return new GroupState(systemIdentifier, term, leader, voters);
  }

  /**
   * The state in which {@code winner} begins the next reign. Nobody but itself is electable until
   * the others are known to have what it has.
   */
  public GroupState succeededBy(NodeName winner) {
    return new GroupState(systemIdentifier, term.next(), winner, SyncSet.NONE);
  }
}
