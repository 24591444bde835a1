package io.pgfleet.agent.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What servers do when they are told to or by themselves. A server that stands still, or a link
 * that is cut, is one that takes no step.
 */
final class Servers {
  private final Flaw flaw;

  Servers(Flaw flaw) {
    this.flaw = flaw;
  }

  void die(State state, int n) {
    Node node = state.nodes[n];
    if (!node.running) {
      return;
    }
    dropReceiver(state, n);
    node.running = false;
    node.promoting = false;
    Arrays.fill(node.walsenders, null);
    for (Node other : state.nodes) {
      if (other.receiver == n && other.receivable == 0) {
        other.receivable = Log.size(node.log);
      }
    }
  }

  void startPrimary(Node node, int names) {
    node.names = names;
    node.upstream = Node.NONE;
    start(node, node.standby);
  }

  void startSealed(Node node) {
    node.names = SyncSets.NONE;
    node.upstream = Node.NONE;
    start(node, true);
  }

  private void start(Node node, boolean standby) {
    node.running = true;
    node.standby = standby;
    node.sessionNames = node.names;
    node.namesDefined = node.names != SyncSets.NONE;
    node.sessionUpstream = node.upstream;
    node.startupUpstream = node.upstream;
  }

  void follow(Node node, int upstream) {
    node.names = SyncSets.NONE;
    node.upstream = upstream;
  }

  /** The data is replaced by a copy, and the server started to follow. */
  void copyFrom(State state, int n, int from) {
    die(state, n);
    Node node = state.nodes[n];
    for (int i = 0; i < state.nodes.length; i++) {
      if (state.nodes[i].receiver == n) {
        dropReceiver(state, i);
      }
    }
    Node source = state.nodes[from];
    node.data = true;
    node.log = source.log;
    node.known = source.known;
    follow(node, from);
    start(node, true);
  }

  void promote(State state, int n) {
    Node node = state.nodes[n];
    dropReceiver(state, n);
    int timeline = Math.max(node.known, Log.timeline(node.log)) + 1;
    Rules.begins(state, n, timeline);
    Rules.grows(state, n);
    node.promoting = false;
    node.standby = false;
    node.known = timeline;
    node.log = Log.append(node.log, timeline);
  }

  /** A client's commit; every record is taken to be one. */
  void commit(State state, int n) {
    Node node = state.nodes[n];
    Rules.grows(state, n);
    node.log = Log.append(node.log, Log.timeline(node.log));
    if (!node.namesDefined) {
      acknowledge(state, node, Log.size(node.log));
    }
  }

  private static void acknowledge(State state, Node node, int size) {
    int prefix = Log.beginning(node.log, size);
    if (Log.isBeginning(prefix, state.acknowledged)) {
      return;
    }
    if (!Log.isBeginning(state.acknowledged, prefix)) {
      throw new Violation(
          "acknowledged is "
              + Log.words(prefix)
              + ", and was "
              + Log.words(state.acknowledged)
              + " before");
    }
    state.acknowledged = prefix;
  }

  // Processes that read the configuration file.

  void checkpointerReads(State state, int n) {
    Node node = state.nodes[n];
    node.namesDefined = node.names != SyncSets.NONE;
    if (!node.namesDefined && node.isPrimary()) {
      acknowledge(state, node, Log.size(node.log));
    }
  }

  void sessionReads(Node node) {
    node.sessionNames = node.names;
    node.sessionUpstream = node.upstream;
  }

  void startupReads(State state, int n) {
    Node node = state.nodes[n];
    node.startupUpstream = node.upstream;
    if (node.receiver != Node.NONE && node.receiver != node.upstream) {
      dropReceiver(state, n);
    }
  }

  /** Whether every process of a primary has read what commits wait for. */
  boolean settled(Node node) {
    if (flaw == Flaw.RELOAD_NOT_AWAITED) {
      return true;
    }
    boolean all =
        node.sessionNames == node.names && node.namesDefined == (node.names != SyncSets.NONE);
    for (Walsender walsender : node.walsenders) {
      all &= walsender == null || walsender.names() == node.names;
    }
    return all;
  }

  // Replication.

  boolean canConnect(State state, int n) {
    Node node = state.nodes[n];
    if (!node.isStandby() || node.receiver != Node.NONE || node.startupUpstream == Node.NONE) {
      return false;
    }
    Node upstream = state.nodes[node.startupUpstream];
    return upstream.running
        && upstream.walsenders[n] == null
        && Log.timeline(upstream.log) >= Log.timeline(node.log)
        && Log.canStream(upstream.log, Log.timeline(node.log), Log.size(node.log));
  }

  void connect(State state, int n) {
    Node node = state.nodes[n];
    Node upstream = state.nodes[node.startupUpstream];
    Rules.follows(state, n, node.startupUpstream);
    upstream.walsenders[n] = new Walsender(upstream.names, 0, 0);
    node.receiver = node.startupUpstream;
    node.receivable = 0;
    node.known = Math.max(node.known, upstream.known);
  }

  boolean canReceive(State state, int n) {
    Node node = state.nodes[n];
    if (!node.isStandby() || node.receiver == Node.NONE) {
      return false;
    }
    int end = node.receivable == 0 ? Log.size(state.nodes[node.receiver].log) : node.receivable;
    return Log.size(node.log) < end;
  }

  void receive(State state, int n) {
    Node node = state.nodes[n];
    Rules.grows(state, n);
    int sent = state.nodes[node.receiver].log;
    node.log = Log.append(node.log, Log.timelineAt(sent, Log.size(node.log)));
  }

  void dropReceiver(State state, int n) {
    Node node = state.nodes[n];
    if (node.receiver == Node.NONE) {
      return;
    }
    Node upstream = state.nodes[node.receiver];
    Walsender walsender = upstream.walsenders[n];
    if (node.receivable == 0 && walsender != null) {
      upstream.walsenders[n] = walsender.losesStandby(Log.size(node.log));
    }
    node.receiver = Node.NONE;
    node.receivable = 0;
  }

  /** Whether the standby's end of a walsender's connection is there. */
  static boolean isConnected(State state, int upstream, int standby) {
    Node node = state.nodes[standby];
    return node.receiver == upstream && node.receivable == 0;
  }

  /** How far the standby has told, or had told before it went, that it has flushed. */
  static int told(State state, int upstream, int standby) {
    @Nullable Walsender walsender = state.nodes[upstream].walsenders[standby];
    if (walsender == null) {
      return 0;
    }
    return isConnected(state, upstream, standby)
        ? Log.size(state.nodes[standby].log)
        : walsender.last();
  }

  /** A reply arrives (PostgreSQL's syncrep.c, SyncRepReleaseWaiters). */
  void hears(State state, int upstream, int standby) {
    Node node = state.nodes[upstream];
    Walsender walsender = node.walsenders[standby];
    if (walsender == null) {
      return;
    }
    Walsender heard = walsender.hears(told(state, upstream, standby));
    node.walsenders[standby] = heard;
    int names = heard.names();
    if (node.standby || !SyncSets.contains(names, standby)) {
      return;
    }
    int[] flushed = new int[node.walsenders.length];
    for (int i = 0; i < flushed.length; i++) {
      Walsender other = node.walsenders[i];
      flushed[i] = other != null && SyncSets.contains(names, i) ? other.flushed() : 0;
    }
    Arrays.sort(flushed);
    acknowledge(state, node, flushed[flushed.length - SyncSets.acknowledging(names)]);
  }
}
