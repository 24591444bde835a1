package io.pgfleet.agent.model;

import io.pgfleet.agent.model.Node.Session;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** All steps that can come next. */
final class Steps {
  /** Where steps go. */
  interface Sink {
    /**
     * One step.
     *
     * @param what it is, for people
     * @param change makes it, on a copy of the state
     */
    void step(Supplier<String> what, Consumer<State> change);
  }

  private final Bounds bounds;
  private final Flaw flaw;
  private final Servers servers;
  private final Agreement agreement;
  private final Rounds rounds;

  Steps(Bounds bounds, Flaw flaw) {
    this.bounds = bounds;
    this.flaw = flaw;
    this.servers = new Servers(flaw);
    this.agreement = new Agreement(flaw);
    this.rounds = new Rounds(bounds, flaw, servers, agreement);
  }

  void from(State state, Sink sink) {
    for (int n = 0; n < state.nodes.length; n++) {
      ofServer(state, n, sink);
      ofReplication(state, n, sink);
      ofProcess(state, n, sink);
      ofSession(state, n, sink);
      ofAgent(state, n, sink);
    }
  }

  private static void fault(State state) {
    state.faults++;
  }

  private void ofServer(State state, int n, Sink sink) {
    Node node = state.nodes[n];
    String name = SyncSets.name(n).value();
    if (!node.running) {
      return;
    }
    if (bounds.allows(Fault.SERVER_DIES, state)) {
      sink.step(
          () -> name + " server dies",
          next -> {
            fault(next);
            servers.die(next, n);
          });
    }
    boolean room = Log.size(node.log) < bounds.records();
    if (node.promoting && room) {
      sink.step(() -> name + " is out of recovery", next -> servers.promote(next, n));
    }
    if (!node.standby && room) {
      sink.step(() -> name + " commit begins", next -> servers.commit(next, n));
    }
    settings(node, n, sink);
  }

  /** Each process reads changed settings in its own time; walsenders do so elsewhere. */
  private void settings(Node node, int n, Sink sink) {
    String name = SyncSets.name(n).value();
    boolean checkpointer = node.namesDefined != (node.names != SyncSets.NONE);
    boolean session = node.sessionNames != node.names || node.sessionUpstream != node.upstream;
    boolean startup = node.standby && node.startupUpstream != node.upstream;
    if (bounds.atOnce()) {
      if (checkpointer || session || startup) {
        sink.step(
            () -> name + " reads settings",
            next -> {
              servers.checkpointerReads(next, n);
              servers.sessionReads(next.nodes[n]);
              servers.startupReads(next, n);
            });
      }
      return;
    }
    if (checkpointer) {
      sink.step(
          () -> name + " checkpointer reads settings", next -> servers.checkpointerReads(next, n));
    }
    if (session) {
      sink.step(
          () -> name + " agent's session reads settings",
          next -> servers.sessionReads(next.nodes[n]));
    }
    if (startup) {
      sink.step(
          () -> name + " startup process reads settings", next -> servers.startupReads(next, n));
    }
  }

  private void ofReplication(State state, int n, Sink sink) {
    Node node = state.nodes[n];
    String name = SyncSets.name(n).value();
    if (servers.canConnect(state, n)) {
      sink.step(() -> name + " connects to its upstream", next -> servers.connect(next, n));
    }
    if (servers.canReceive(state, n)) {
      sink.step(() -> name + " receives a record", next -> servers.receive(next, n));
    }
    if (node.receiver != Node.NONE
        && (node.receivable != 0 || bounds.allows(Fault.LINK_CUT, state))) {
      boolean broken = node.receivable == 0;
      sink.step(
          () -> name + " loses its upstream",
          next -> {
            next.faults += broken ? 1 : 0;
            servers.dropReceiver(next, n);
          });
    }
    for (int s = 0; s < node.walsenders.length; s++) {
      Walsender walsender = node.walsenders[s];
      if (walsender == null) {
        continue;
      }
      int standby = s;
      String other = SyncSets.name(s).value();
      if (walsender.names() != node.names) {
        sink.step(
            () -> name + " walsender to " + other + " reads settings",
            next -> next.nodes[n].walsenders[standby] = walsender.reads(node.names));
      }
      if (Servers.told(state, n, s) > walsender.flushed()) {
        sink.step(
            () -> name + " hears how far " + other + " has flushed",
            next -> servers.hears(next, n, standby));
      }
      if (!Servers.isConnected(state, n, s)) {
        sink.step(
            () -> name + " walsender to " + other + " ends",
            next -> next.nodes[n].walsenders[standby] = null);
      }
    }
  }

  private void ofProcess(State state, int n, Sink sink) {
    Node node = state.nodes[n];
    String name = SyncSets.name(n).value();
    if (!node.alive) {
      sink.step(
          () -> name + " agent starts",
          next -> {
            next.nodes[n].alive = true;
            opensSession(next, n);
          });
      return;
    }
    if (bounds.allows(Fault.AGENT_DIES, state)) {
      sink.step(() -> name + " agent is killed", next -> kill(next, n));
    }
    if (node.frozen) {
      sink.step(() -> name + " agent wakes", next -> next.nodes[n].frozen = false);
    } else if (bounds.allows(Fault.AGENT_FREEZES, state) && state.agreed.leaseIsOf(n)) {
      // For others it is the same as to take no step.
      sink.step(
          () -> name + " agent freezes",
          next -> {
            fault(next);
            next.nodes[n].frozen = true;
          });
    }
  }

  private void kill(State state, int n) {
    fault(state);
    Node node = state.nodes[n];
    if (node.sessionLives()) {
      // Should an earlier one still live, it is taken to end now.
      agreement.endSession(state, n, true);
      node.earlierSession = true;
      node.sentEarlier = node.underWay != null;
      state.agreed.stale |= state.agreed.holder == n;
    }
    node.alive = false;
    node.frozen = false;
    node.deluded = false;
    node.session = Session.NONE;
    node.mayWrite = false;
    node.led = false;
    node.forget();
  }

  private void ofSession(State state, int n, Sink sink) {
    Node node = state.nodes[n];
    String name = SyncSets.name(n).value();
    if (node.earlierSession) {
      sink.step(
          () -> name + " earlier session expires",
          next -> {
            agreement.endSession(next, n, true);
            next.nodes[n].earlierSession = false;
            if (node.session == Session.NONE) {
              next.agreed.serving[n] = 0;
            }
          });
    }
    switch (node.session) {
      case NONE -> {}
      case CERTAIN -> {
        // For others it only delays them, as an agent that dies.
        boolean holder = state.agreed.leaseIsOf(n);
        if (holder && (node.frozen || bounds.allows(Fault.SESSION_CUT, state))) {
          sink.step(
              () -> name + " session is no longer certain",
              next -> {
                next.faults += node.frozen ? 0 : 1;
                next.nodes[n].session = Session.UNCERTAIN;
                next.nodes[n].deluded = node.frozen && flaw == Flaw.LEASE_CHECKED_BEFORE_SLEEP;
              });
        }
      }
      case UNCERTAIN -> {
        if (node.awake()) {
          sink.step(
              () -> name + " session is renewed",
              next -> {
                next.nodes[n].session = Session.CERTAIN;
                next.nodes[n].deluded = false;
              });
        }
        // The servers end a session only after an awake guard had the time to act.
        if (!node.awake() || !node.mayWrite || node.deluded) {
          sink.step(
              () -> name + " session expires",
              next -> {
                next.nodes[n].session = Session.EXPIRED;
                agreement.endSession(next, n, false);
                next.agreed.serving[n] = 0;
              });
        }
      }
      case EXPIRED -> {
        if (node.awake()) {
          sink.step(
              () -> name + " hears that its session is over",
              next -> {
                ended(next, n);
                opensSession(next, n);
              });
        }
      }
    }
  }

  private static void opensSession(State state, int n) {
    Node node = state.nodes[n];
    node.session = Session.CERTAIN;
    node.deluded = false;
    node.forget();
    state.agreed.serving[n] = 0;
  }

  private void ended(State state, int n) {
    Node node = state.nodes[n];
    if (node.mayWrite && !node.deluded) {
      node.mayWrite = false;
      servers.die(state, n);
    }
  }

  private void ofAgent(State state, int n, Sink sink) {
    Node node = state.nodes[n];
    String name = SyncSets.name(n).value();
    Write underWay = node.underWay;
    if (underWay != null) {
      sink.step(
          () -> name + " write arrives: " + underWay.kind(),
          next -> {
            agreement.apply(next, n, underWay, node.sentEarlier);
            forgetWrite(next.nodes[n]);
          });
      sink.step(() -> name + " write is lost", next -> forgetWrite(next.nodes[n]));
    }
    if (!node.awake()) {
      return;
    }
    if (node.guardActs()) {
      sink.step(
          () -> name + " guard stops the server",
          next -> {
            next.nodes[n].mayWrite = false;
            servers.die(next, n);
          });
    }
    if (node.yielding) {
      sink.step(() -> name + " has yielded long enough", next -> next.nodes[n].yielding = false);
    }
    if (node.sealing) {
      sealing(state, n, sink);
      return;
    }
    // A write in doubt is settled before anything else is read.
    boolean inDoubt = underWay != null && !node.sentEarlier;
    if (inDoubt) {
      return;
    }
    if (node.sessionLives() || (node.session == Session.EXPIRED && node.slowView != null)) {
      rounds.from(state, n, sink);
    }
    if (node.sessionLives() && node.slowView == null && bounds.allows(Fault.SLOW_READ, state)) {
      sink.step(
          () -> name + " reads the agreed state and is slow",
          next -> {
            fault(next);
            next.nodes[n].slowView = View.fresh(next.agreed.copy());
          });
    }
  }

  private static void forgetWrite(Node node) {
    node.underWay = null;
    node.sentEarlier = false;
  }

  /** It waits until its server holds still, and is taken to wait for as long as that lasts. */
  private void sealing(State state, int n, Sink sink) {
    Node node = state.nodes[n];
    boolean still =
        node.receiver == Node.NONE
            && node.startupUpstream == Node.NONE
            && node.sessionUpstream == Node.NONE;
    if (still || !node.isStandby() || flaw == Flaw.VOTE_WHILE_RECEIVING) {
      sink.step(
          () -> SyncSets.name(n) + " has sealed its server",
          next -> {
            next.nodes[n].sealing = false;
            next.nodes[n].sealed = true;
          });
    }
  }
}
