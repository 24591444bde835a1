package io.pgfleet.agent.model;

/** What must come up on some way: an exploration that never gets there proves little. */
enum Sight {
  /** A second reign's server is out of recovery. */
  PROMOTED,
  /** The first primary accepts writes although a second reign has begun. */
  STALE_PRIMARY,
  /** Two timelines went on from one place. */
  FORKED,
  /** The second reign has acknowledged a commit of its own. */
  SECOND_REIGN_ACKNOWLEDGES,
  /** The first primary receives WAL of the second. */
  FORMER_PRIMARY_FOLLOWS,
  /** The second reign may be succeeded. */
  VOTERS_AGAIN;

  boolean isIn(State state) {
    Agreed agreed = state.agreed;
    Node first = state.nodes[0];
    Node leader = state.nodes[agreed.leader];
    boolean succeeded = agreed.leader != 0;
    return switch (this) {
      case PROMOTED -> succeeded && leader.isPrimary();
      case STALE_PRIMARY -> succeeded && first.isPrimary();
      case FORKED ->
          succeeded
              && !Log.isBeginning(first.log, leader.log)
              && !Log.isBeginning(leader.log, first.log);
      case SECOND_REIGN_ACKNOWLEDGES -> Log.timeline(state.acknowledged) > 1;
      case FORMER_PRIMARY_FOLLOWS -> succeeded && first.receiver == agreed.leader;
      case VOTERS_AGAIN -> succeeded && agreed.voters != SyncSets.NONE;
    };
  }
}
