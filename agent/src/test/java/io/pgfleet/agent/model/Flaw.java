package io.pgfleet.agent.model;

import java.util.EnumSet;

/** A fault built into the model on purpose, to prove that the checker would find it. */
enum Flaw {
  /** None: the code as it is. */
  NONE(2, 0, "", Fault.SERVER_DIES),
  /** One vote of any voter is enough to take the term. */
  TOO_FEW_ANSWERS(3, 0, Flaw.LOST, Fault.AGENT_DIES),
  /** Voters follow the wanted set first, what commits wait for after them. */
  NAMES_AFTER_VOTERS(2, 1, Flaw.LOST, Fault.SERVER_DIES),
  /** Voters change although they have not flushed what the primary has. */
  FLUSH_NOT_AWAITED(2, 1, Flaw.LOST, Fault.SERVER_DIES, Fault.SERVER_DIES),
  /** The wait for a flush begins before every process has read the new names. */
  RELOAD_NOT_AWAITED(2, 1, Flaw.LOST, Fault.AGENT_DIES),
  /** A guard that slept through its deadline believes what it looked at before. */
  LEASE_CHECKED_BEFORE_SLEEP(2, 0, Flaw.TWO_WRITERS, Fault.AGENT_FREEZES),
  /** A standby votes while it still receives WAL. */
  VOTE_WHILE_RECEIVING(2, 0, Flaw.VOTE_BROKEN, Fault.AGENT_DIES),
  /** A standby that looks sealed votes although this life of its agent has not sealed it. */
  VOTE_NOT_SEALED_ITSELF(2, 0, Flaw.VOTE_BROKEN, Fault.SERVER_DIES, Fault.AGENT_DIES),
  /** A vote stands while its node follows again. */
  VOTE_NOT_WITHDRAWN(2, 0, Flaw.VOTE_BROKEN, Fault.AGENT_DIES),
  /** A primary that starts again waits for nobody at first. */
  NAMES_IGNORED_ON_RESTART(2, 0, Flaw.LOST, Fault.SERVER_DIES, Fault.AGENT_DIES),
  /** A primary that starts again waits for who is there, whoever may be elected. */
  NAMES_UNSAFE_ON_RESTART(2, 0, Flaw.LOST, Fault.SERVER_DIES, Fault.AGENT_DIES),
  /** The term is written without a look at who was first. */
  TERM_WITHOUT_COMPARE(2, 0, Flaw.TWO_WRITERS, Fault.AGENT_DIES, Fault.SLOW_READ),
  /** A lease is taken again without a new version of the state. */
  RESUMED_WITHOUT_FENCE(
      2, 0, Flaw.TWO_WRITERS, Fault.SERVER_DIES, Fault.AGENT_DIES, Fault.SLOW_WRITE);

  private static final String LOST = "acknowledged is";
  private static final String TWO_WRITERS = "holds the lease";
  private static final String VOTE_BROKEN = "its vote stands";

  @SuppressWarnings("ImmutableEnumChecker") // a record of values
  private final Bounds bounds;

  private final String harm;

  /**
   * A flaw and where it is looked for.
   *
   * @param nodes the fewest it takes
   * @param changes how many changes of the names it takes
   * @param harm what comes of it
   * @param kinds the faults that bring it to light, as many as it takes
   */
  Flaw(int nodes, int changes, String harm, Fault... kinds) {
    EnumSet<Fault> faults = EnumSet.of(kinds[0], kinds);
    this.bounds =
        new Bounds(nodes, 0, 1, true, 2, 3, kinds.length, faults, changes, false, Bounds.WHOLE);
    this.harm = harm;
  }

  Bounds bounds() {
    return bounds;
  }

  String harm() {
    return harm;
  }
}
