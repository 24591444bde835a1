package io.pgfleet.agent.model;

/**
 * A change of the agreed state as an agent sends it, with what it expects to find. Versions are not
 * counted: what matters of one is whether it is still the newest, so each change makes what others
 * expect out of date.
 *
 * @param kind what it does
 * @param argument the vote or the voters it writes, the votes it counted, or the stale lease's mark
 * @param state whether the state's version is still as expected
 * @param votes a bit for each node whose vote is still as expected
 */
record Write(Kind kind, int argument, boolean state, int votes) {
  /** What a write does; the methods of GroupStore of the same names. */
  enum Kind {
    RESUME_LEASE,
    YIELD_LEASE,
    CAST_VOTE,
    WITHDRAW_VOTE,
    TAKE_TERM,
    SET_VOTERS
  }

  Write withoutState() {
    return new Write(kind, argument, false, votes);
  }

  Write withoutVote(int node) {
    return new Write(kind, argument, state, votes & ~(1 << node));
  }

  @SuppressWarnings("EnumOrdinal") // a number within one run
  void pack(Fingerprint into) {
    into.add(kind.ordinal(), 3);
    into.add(argument, 11);
    into.add(state);
    into.add(votes, 4);
  }
}
