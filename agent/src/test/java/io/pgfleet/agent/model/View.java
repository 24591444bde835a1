package io.pgfleet.agent.model;

/**
 * What an agent has read of the agreed state, perhaps long ago.
 *
 * @param state whether the state's version is still the one read
 * @param votes a bit for each node whose vote is still the one read
 */
record View(Agreed agreed, boolean state, int votes) {
  static final int ALL = (1 << Bounds.MOST_NODES) - 1;

  static View fresh(Agreed agreed) {
    return new View(agreed, true, ALL);
  }

  View withoutState() {
    return new View(agreed, false, votes);
  }

  View withoutVote(int node) {
    return new View(agreed, state, votes & ~(1 << node));
  }

  void pack(Fingerprint into) {
    agreed.pack(into);
    into.add(state);
    into.add(votes, 4);
  }
}
