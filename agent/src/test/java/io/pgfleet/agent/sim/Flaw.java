package io.pgfleet.agent.sim;

import java.util.List;

/** A fault built in on purpose, to prove that the simulation would notice it. */
enum Flaw {
  /** None: the code as it is. */
  NONE,
  /** The primary's own position reads 0, so that the wait for a flush is no wait. */
  FLUSH_NOT_AWAITED(12, 12, 16, 0),
  /** A standby that still receives looks sealed. */
  VOTE_UNSEALED(2, 4),
  /** A reload is taken to be in effect at once. */
  RELOAD_NOT_AWAITED,
  /** The server waits for nobody, whatever its settings say. */
  NAMES_IGNORED,
  /** Nobody stops a server whose lease is no longer certain. */
  LEASE_UNGUARDED,
  /** The guard does not come back when a pause ends. */
  GUARD_LEFT_SUSPENDED(20, 8),
  /** Starting again, a primary waits for nobody at first. */
  STARTS_WITHOUT_NAMES,
  /** The agents of a strict group do what quorum does. */
  STRICT_TAKEN_FOR_QUORUM,
  /** Any standby is good enough for an asynchronous group, however far behind. */
  LAG_UNBOUNDED(12, 12, 16, 7),
  /** An agent that begins anew does not mind what it promised before. */
  PROMISE_FORGOTTEN(19),
  /** A promise is kept for an eighth of its time. */
  PROMISE_CUT_SHORT(15, 8, 10),
  /** An agent promises to cast no vote although it has cast one. */
  PROMISE_AFTER_VOTE(15, 10, 7),
  /** A primary takes every other question for answered with a promise. */
  ASSENT_OF_FEW(8, 10);

  @SuppressWarnings("ImmutableEnumChecker") // List.of is
  private final List<Integer> kinds;

  /**
   * A flaw.
   *
   * @param kinds the faults that bring it to light soonest; none for any
   */
  Flaw(Integer... kinds) {
    this.kinds = List.of(kinds);
  }

  /** A seed that brought it to light when it was planted; tried first, to save time. */
  int likely() {
    return switch (this) {
      case FLUSH_NOT_AWAITED -> 528;
      case VOTE_UNSEALED -> 68;
      case RELOAD_NOT_AWAITED -> 505;
      case NAMES_IGNORED, STARTS_WITHOUT_NAMES, STRICT_TAKEN_FOR_QUORUM -> 500;
      case LEASE_UNGUARDED -> 525;
      case GUARD_LEFT_SUSPENDED -> 809;
      case LAG_UNBOUNDED -> 399;
      case PROMISE_CUT_SHORT -> 267;
      case PROMISE_AFTER_VOTE -> 267;
      case ASSENT_OF_FEW -> 250;
      default -> 0;
    };
  }

  List<Integer> kinds() {
    return kinds;
  }
}
