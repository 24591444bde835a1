package io.pgfleet.agent;

import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.HeldLease;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Pause;
import java.util.Map;
import java.util.Optional;

/** What an agent does round after round for those who maintain the group. */
final class Maintenance {
  private final AgentSettings settings;
  private final NodeServer server;
  private final GroupStore store;
  private final LeaseGuard guard;

  Maintenance(AgentSettings settings, NodeServer server, GroupStore store, LeaseGuard guard) {
    this.settings = settings;
    this.server = server;
    this.store = store;
    this.guard = guard;
  }

  /**
   * Knows whether the server may outlive the lease. A pause that is seen while the lease is ours
   * can end only by this agent, so what is seen stays true when the session is lost.
   */
  void guard(GroupView view) {
    Optional<Pause> pause = view.operations().pause().map(Versioned::value);
    if (pause.isEmpty() || pause.get().ending()) {
      guard.arm();
    } else if (holds(view)) {
      guard.suspend();
    }
  }

  /** Brings the server to the settings that were agreed on. */
  void useSettings(GroupView view, LocalServer here) throws NodeServerException {
    Optional<Map<String, String>> accepted =
        view.operations().settings().map(settings -> settings.value().values());
    if (accepted.isPresent() && !accepted.get().equals(server.settings())) {
      server.useSettings(accepted.get(), here);
    }
  }

  /**
   * Ends a pause that is to end, as the agent of the last primary, which guards its lease again
   * since the view was read. A server that may be writing must have its lease by then.
   */
  boolean liftPause(GroupView view) {
    Optional<Versioned<Pause>> ending =
        view.operations().pause().filter(pause -> pause.value().ending());
    Optional<Versioned<GroupState>> mine =
        view.state().filter(state -> state.value().leader().equals(settings.name()));
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
