package io.pgfleet.agent.model;

/** Everything at one moment. */
final class State {
  final Agreed agreed;
  final Node[] nodes;

  /** A log up to the last acknowledged record. */
  int acknowledged;

  /** A bit for each timeline that was begun. */
  int timelines;

  int faults;

  /** How often a primary has changed what commits wait for. */
  int changes;

  private State(Agreed agreed, Node[] nodes) {
    this.agreed = agreed;
    this.nodes = nodes;
  }

  /** A group that works. */
  static State first(Bounds bounds) {
    int size = bounds.size();
    State state = new State(new Agreed(size), new Node[size]);
    state.acknowledged = Log.first();
    state.timelines = 1 << 1;
    int standbys = (1 << bounds.nodes()) - 2;
    int names = bounds.begun() ? SyncSets.of(standbys, bounds.synchronous()) : SyncSets.NONE;
    state.agreed.voters = names;
    state.agreed.giveLease(0, false);
    state.agreed.serving[0] = 1;
    for (int i = 0; i < size; i++) {
      Node node = new Node(size);
      node.alive = true;
      node.session = Node.Session.CERTAIN;
      state.nodes[i] = node;
      if (i >= bounds.nodes()) {
        continue;
      }
      node.data = true;
      node.running = true;
      node.log = Log.first();
      node.known = 1;
      if (i > 0) {
        node.upstream = 0;
        node.sessionUpstream = 0;
        node.startupUpstream = 0;
        node.receiver = 0;
      }
    }
    Node primary = state.nodes[0];
    primary.standby = false;
    primary.mayWrite = true;
    primary.led = true;
    primary.names = names;
    primary.sessionNames = names;
    primary.namesDefined = names != SyncSets.NONE;
    for (int i = 1; i < bounds.nodes(); i++) {
      primary.walsenders[i] = new Walsender(names, 1, 0);
    }
    return state;
  }

  State copy() {
    Node[] copies = new Node[nodes.length];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = nodes[i].copy();
    }
    State copy = new State(agreed.copy(), copies);
    copy.acknowledged = acknowledged;
    copy.timelines = timelines;
    copy.faults = faults;
    copy.changes = changes;
    return copy;
  }

  void pack(Fingerprint into) {
    into.clear();
    agreed.pack(into);
    for (Node node : nodes) {
      node.pack(into);
    }
    into.add(acknowledged, 4 * Bounds.MOST_RECORDS);
    into.add(timelines, 16);
    into.add(faults, 4);
    into.add(changes, 4);
    into.finish();
  }

  /** The state's version grows: what anybody expected of it before is out of date. */
  void stateChanged() {
    for (Node node : nodes) {
      if (node.slowView != null) {
        node.slowView = node.slowView.withoutState();
      }
      if (node.underWay != null) {
        node.underWay = node.underWay.withoutState();
      }
    }
  }

  void voteChanged(int voter) {
    for (Node node : nodes) {
      if (node.slowView != null) {
        node.slowView = node.slowView.withoutVote(voter);
      }
      if (node.underWay != null) {
        node.underWay = node.underWay.withoutVote(voter);
      }
    }
  }
}
