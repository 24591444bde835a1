package io.pgfleet.agent.sim;

import java.util.List;

/** A fault built in on purpose, to prove that the simulation would notice it. */
enum Flaw {
  /** None: the code as it is. */
  NONE,
  /** The primary's own position reads 0, so that the wait for a flush is no wait. */
  FLUSH_NOT_AWAITED(12, 12, 16, 0),
  /** A standby that still receives looks sealed. */
  VOTE_UNSEALED,
  /** A reload is taken to be in effect at once. */
  RELOAD_NOT_AWAITED,
  /** The server waits for nobody, whatever its settings say. */
  NAMES_IGNORED,
  /** Nobody stops a server whose lease is no longer certain. */
  LEASE_UNGUARDED,
  /** The guard does not come back when a pause ends. */
  GUARD_LEFT_SUSPENDED(19, 8),
  /** Starting again, a primary waits for nobody at first. */
  STARTS_WITHOUT_NAMES;

  @SuppressWarnings("ImmutableEnumChecker") // List.of is
  private final List<Integer> kinds;

  /**
   * @param kinds the faults that bring it to light soonest; none for any
   */
  Flaw(Integer... kinds) {
    this.kinds = List.of(kinds);
  }

  List<Integer> kinds() {
    return kinds;
  }
}
