package io.pgfleet.agent.model;

/**
 * What must hold at every moment.
 *
 * <ol>
 *   <li>Terms only grow, by one, and each has one leader.
 *   <li>The leader of the newest term has every commit acknowledged so far, by whichever server.
 *   <li>While a vote against the newest term stands, its server's WAL does not grow.
 *   <li>While one node holds the lease, no server of another accepts writes that an agent, awake
 *       since, had write by right; the moment between the agent's or its guard's waking and the
 *       guard's look is left out.
 *   <li>Each timeline is begun by one promotion, and what follows a server is a beginning of it.
 * </ol>
 */
final class Rules {
  private Rules() {}

  static void check(State state) {
    Agreed agreed = state.agreed;
    Node leader = state.nodes[agreed.leader];
    if (!Log.isBeginning(state.acknowledged, leader.log)) {
      throw new Violation(
          "acknowledged is "
              + Log.words(state.acknowledged)
              + ", but the leader "
              + SyncSets.name(agreed.leader)
              + " of term "
              + agreed.term
              + " has only "
              + Log.words(leader.log));
    }
    for (int n = 0; n < state.nodes.length; n++) {
      Node node = state.nodes[n];
      if (agreed.holder != Agreed.NOBODY
          && agreed.holder != n
          && node.isPrimary()
          && node.awake()
          && node.led
          && !node.guardActs()) {
        throw new Violation(
            SyncSets.name(n)
                + " accepts writes although "
                + SyncSets.name(agreed.holder)
                + " holds the lease");
      }
    }
  }

  static void grows(State state, int n) {
    int vote = state.agreed.votes[n];
    if (vote != 0 && Agreed.against(vote) == state.agreed.term) {
      throw new Violation(
          SyncSets.name(n) + " gets WAL although its vote stands: " + state.agreed.decoded(n));
    }
  }

  static void begins(State state, int n, int timeline) {
    if (((state.timelines >>> timeline) & 1) != 0) {
      throw new Violation(SyncSets.name(n) + " begins timeline " + timeline + " again");
    }
    state.timelines |= 1 << timeline;
  }

  static void follows(State state, int n, int upstream) {
    if (!Log.isBeginning(state.nodes[n].log, state.nodes[upstream].log)) {
      throw new Violation(
          SyncSets.name(n) + " follows " + SyncSets.name(upstream) + " but has other WAL");
    }
  }

  static void takesTerm(State state, int n, int term) {
    if (term != state.agreed.term + 1) {
      throw new Violation(
          SyncSets.name(n) + " takes term " + term + " after term " + state.agreed.term);
    }
  }
}
