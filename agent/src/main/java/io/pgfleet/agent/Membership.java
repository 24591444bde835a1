package io.pgfleet.agent;

import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.NodeChanges;
import io.pgfleet.consensus.group.Term;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which nodes an agent's group has now, and whether its own is one of them, for the life of one
 * session. What outlives sessions is told with the first look.
 */
final class Membership {
  private static final Logger log = LoggerFactory.getLogger(Membership.class);

  private final AgentSettings asStarted;
  private final NodeServer server;
  private final GroupStore store;
  private final Mandate mandate;
  private final Announcer announcer;
  private AgentSettings now;
  private boolean looked;

  Membership(
      AgentSettings asStarted,
      NodeServer server,
      GroupStore store,
      Mandate mandate,
      Announcer announcer) {
    this.asStarted = asStarted;
    this.server = server;
    this.store = store;
    this.mandate = mandate;
    this.announcer = announcer;
    this.now = asStarted;
  }

  /** As started, in the group as it was seen last. */
  AgentSettings settings() {
    return now;
  }

  /**
   * Takes note of a look at the agreed state.
   *
   * @return whether the nodes are others than before
   */
  boolean look(GroupView view) {
    AgentSettings next = asStarted.with(view.operations().nodes());
    boolean others = !next.equals(now);
    if (others) {
      log.info("{}: the nodes of the group are now {}", next.name(), next.names());
    }
    if (others || !looked) {
      looked = true;
      now = next;
      server.useNodes(next.group().nodes());
      mandate.use(next);
    }
    return others;
  }

  /** No node is taken out while it leads; a state that says so is newer than what was seen. */
  boolean isRemoved(GroupView view) {
    return !now.member()
        && view.state().filter(state -> state.value().leader().equals(now.name())).isEmpty();
  }

  /**
   * One round of a node that is no longer of the group: its server is nobody's standby any more,
   * and is not left to grow old.
   */
  boolean retire(LocalServer here) throws NodeServerException {
    mandate.leadsNoMore();
    announcer.announce(Role.STOPPED, Term.NONE, here, "is not a node of the group any more");
    return switch (here) {
      case LocalServer.Absent _, LocalServer.Stopped _, LocalServer.Silent _ -> false;
      case LocalServer.Primary _, LocalServer.Standby _ -> {
        log.info("{} is not a node of the group any more: its server stops", now.name());
        server.stopCleanly();
        yield true;
      }
    };
  }

  /**
   * To be called while the node leads: from here on new nodes are among those whose promises it
   * needs ({@link NodeChanges}).
   */
  void confirm(GroupView view, Versioned<GroupState> state) {
    NodeChanges changes = view.operations().nodes();
    if (!changes.joining().isEmpty()) {
      store.operations().change(state, view.operations().changes(), changes.withConfirmed());
    }
  }
}
