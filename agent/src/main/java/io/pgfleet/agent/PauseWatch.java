package io.pgfleet.agent;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.HeldLease;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Pause;
import io.pgfleet.spec.NodeName;
import java.util.Optional;

/** What a pause of the group means for the guard of one node's lease, and how a pause ends. */
final class PauseWatch {
  private final NodeName me;
  private final NodeServer server;
  private final GroupStore store;
  private final LeaseGuard guard;

  PauseWatch(NodeName me, NodeServer server, GroupStore store, LeaseGuard guard) {
    this.me = me;
    this.server = server;
    this.store = store;
    this.guard = guard;
  }

  /**
   * Knows whether the server may outlive the lease. A pause that is seen while the lease is ours
   * can end only by this agent, so what is seen stays true when the session is lost.
   */
  void look(GroupView view) {
    Optional<Pause> pause = view.operations().pause().map(Versioned::value);
    if (pause.isEmpty() || pause.get().ending()) {
      guard.arm();
    } else if (holds(view)) {
      guard.suspend();
    }
  }

  /**
   * Ends a pause that is to end, as the agent of the last primary, which guards its lease again
   * since the view was read. A server that may be writing must have its lease by then.
   *
   * @return whether it did so
   */
  boolean lift(GroupView view) {
    Optional<Versioned<Pause>> ending =
        view.operations().pause().filter(pause -> pause.value().ending());
    Optional<Versioned<GroupState>> mine =
        view.state().filter(state -> state.value().leader().equals(me));
    boolean lifts = ending.isPresent() && mine.isPresent() && (holds(view) || !server.mayWrite());
    if (lifts) {
      store.operations().liftPause(mine.get(), view.lease(), ending.get());
    }
    return lifts;
  }

  private static boolean holds(GroupView view) {
    return view.lease().map(HeldLease::ours).orElse(false);
  }
}
