package io.pgfleet.agent.model;

import io.pgfleet.agent.model.Write.Kind;

/** The consensus servers: they make a write if it still fits, as GroupStore's commits do. */
final class Agreement {
  private final Flaw flaw;

  Agreement(Flaw flaw) {
    this.flaw = flaw;
  }

  /**
   * Makes a write or refuses it.
   *
   * @param earlier whether it was sent by an earlier life of the agent
   */
  boolean apply(State state, int n, Write write, boolean earlier) {
    Agreed agreed = state.agreed;
    boolean fits =
        switch (write.kind()) {
          case RESUME_LEASE ->
              write.state()
                  && (write.argument() == 0 ? agreed.holder == Agreed.NOBODY : agreed.holder == n);
          // A lease taken again has the version of the one before.
          case YIELD_LEASE, SET_VOTERS -> write.state() && agreed.holder != Agreed.NOBODY;
          case CAST_VOTE -> write.state();
          case WITHDRAW_VOTE -> ((write.votes() >>> n) & 1) != 0;
          case TAKE_TERM ->
              flaw == Flaw.TERM_WITHOUT_COMPARE
                  || (write.state()
                      && agreed.holder == Agreed.NOBODY
                      && (write.votes() & counted(write)) == counted(write));
        };
    if (fits) {
      make(state, n, write, earlier);
    }
    return fits;
  }

  private void make(State state, int n, Write write, boolean earlier) {
    Agreed agreed = state.agreed;
    switch (write.kind()) {
      case RESUME_LEASE -> {
        agreed.giveLease(n, earlier);
        if (flaw != Flaw.RESUMED_WITHOUT_FENCE) {
          state.stateChanged();
        }
      }
      case YIELD_LEASE -> agreed.endLease();
      case SET_VOTERS -> {
        agreed.voters = write.argument();
        state.stateChanged();
      }
      case CAST_VOTE -> {
        agreed.votes[n] = write.argument();
        state.voteChanged(n);
      }
      case WITHDRAW_VOTE -> {
        agreed.votes[n] = 0;
        state.voteChanged(n);
      }
      case TAKE_TERM -> {
        int term = write.argument() >>> Bounds.MOST_NODES;
        Rules.takesTerm(state, n, term);
        agreed.term = term;
        agreed.leader = n;
        agreed.voters = SyncSets.NONE;
        agreed.giveLease(n, earlier);
        state.stateChanged();
      }
    }
  }

  private static int counted(Write write) {
    return write.argument() & View.ALL;
  }

  /** A write to take a term. */
  static Write takeTerm(View view, int counted) {
    int argument = counted | ((view.agreed().term + 1) << Bounds.MOST_NODES);
    return new Write(Kind.TAKE_TERM, argument, view.state(), view.votes());
  }

  /** What was still under way in a session that has ended is refused. */
  void endSession(State state, int n, boolean earlier) {
    Node node = state.nodes[n];
    if (state.agreed.holder == n && state.agreed.stale == earlier) {
      state.agreed.endLease();
    }
    if (node.underWay != null && node.sentEarlier == earlier) {
      node.underWay = null;
      node.sentEarlier = false;
    }
  }
}
