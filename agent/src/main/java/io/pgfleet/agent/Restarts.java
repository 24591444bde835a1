package io.pgfleet.agent;

import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.RestartOrder;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.spec.NodeName;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts a node's server as an operator ordered. The order is taken away before it is carried
 * out: one that fails must not be tried for ever.
 */
final class Restarts {
  private static final Logger log = LoggerFactory.getLogger(Restarts.class);

  private final NodeName me;
  private final NodeServer server;
  private final GroupStore store;
  private final Mandate mandate;
  private final WriteGate gate;
  private final Announcer announcer;

  Restarts(
      NodeName me,
      NodeServer server,
      GroupStore store,
      Mandate mandate,
      WriteGate gate,
      Announcer announcer) {
    this.me = me;
    this.server = server;
    this.store = store;
    this.mandate = mandate;
    this.gate = gate;
    this.announcer = announcer;
  }

  /**
   * Restarts a primary in its place, or stops a standby, which starts and rejoins by the next
   * rounds.
   *
   * @param firstNames what a primary waits for from its first commit on
   * @param stopping called before a primary stops
   */
  void perform(GroupView view, LocalServer here, Supplier<SyncSet> firstNames, Runnable stopping)
      throws NodeServerException {
    Versioned<RestartOrder> order = Objects.requireNonNull(view.operations().restarts().get(me));
    if (here instanceof LocalServer.Primary) {
      primary(order, here, firstNames, stopping);
    } else {
      store.operations().forget(me, order);
      // Gateways send no more reads here; those under way get the time to end.
      announcer.announce(Role.STOPPED, Term.NONE, here, "restarting");
      server.drain();
      server.stopCleanly();
    }
  }

  /** The lease stays, applications wait, and the standbys have all of the WAL. */
  private void primary(
      Versioned<RestartOrder> order,
      LocalServer here,
      Supplier<SyncSet> firstNames,
      Runnable stopping)
      throws NodeServerException {
    server.prepareToStop();
    try {
      boolean drained = gate.hold();
      store.operations().forget(me, order);
      if (!drained && !order.value().force()) {
        log.info("{} is not restarted: transactions still run", me);
        return;
      }
      announcer.announce(Role.STOPPED, Term.NONE, here, "restarting");
      stopping.run();
      server.stopCleanly();
      if (!mandate.certain()) {
        throw new NodeServerException("the lease is no longer certain");
      }
      server.startPrimary(firstNames.get());
    } finally {
      gate.release();
    }
  }
}
