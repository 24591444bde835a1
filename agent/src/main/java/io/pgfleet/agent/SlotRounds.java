package io.pgfleet.agent;

import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Looks after a server's replication slots now and then. One that is in use by a standby that has
 * just left the group, or has just connected, has its turn later.
 */
final class SlotRounds {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  /** When the first round is due: a reign that has just begun has better things to do. */
  private static final Duration LATER = Duration.ofSeconds(2);

  private final NodeServer server;
  private final Ticker ticker;
  private final boolean primary;
  private boolean makes;
  private long due;

  private SlotRounds(NodeServer server, Ticker ticker, boolean primary) {
    this.server = server;
    this.ticker = ticker;
    this.primary = primary;
    this.makes = primary;
    this.due = ticker.nanos() + LATER.toNanos();
  }

  /** For a server that follows. */
  static SlotRounds ofStandby(NodeServer server, Ticker ticker) {
    return new SlotRounds(server, ticker, false);
  }

  /**
   * For a server that has just become primary. What is missing is made at once, and nothing dropped
   * before its time: that would take slots from standbys that are about to connect.
   */
  static SlotRounds ofPrimary(NodeServer server, Ticker ticker) {
    return new SlotRounds(server, ticker, true);
  }

  /** Keeps a slot for each of the nodes that may receive from this one, if it is time. */
  void keep(AgentSettings settings, GroupView view) throws NodeServerException {
    Map<NodeName, Lsn> needed = needs(settings, view, primary);
    Set<NodeName> others = leads(settings, primary) ? settings.others() : needed.keySet();
    if (makes) {
      server.makeSlots(others);
      makes = false;
      due = ticker.nanos() + LATER.toNanos();
    } else if (ticker.nanos() - due >= 0) {
      server.keepSlots(others, needed);
      due = ticker.nanos() + INTERVAL.toNanos();
    }
  }

  /** Whether it is the primary or may become it; nobody else is received from by all. */
  private static boolean leads(AgentSettings settings, boolean primary) {
    return primary || !settings.node().neverPromote();
  }

  /**
   * The other nodes that need WAL kept for them here while they are not connected, and the end of
   * what each has. One with a delay that is cut off receives nothing for up to its delay, and a
   * primary that comes meanwhile must still have what it lacks. One with an upstream receives from
   * that now and from the primary the next moment, or the other way round.
   */
  static Map<NodeName, Lsn> needs(AgentSettings settings, GroupView view, boolean primary) {
    Map<NodeName, Lsn> needs = new TreeMap<>();
    for (NodeSpec node : settings.group().nodes()) {
      boolean receivesHere = node.upstream().equals(Optional.of(settings.name()));
      boolean mayReceiveHere =
          leads(settings, primary) && (node.delayed() || node.upstream().isPresent());
      if (!node.name().equals(settings.name()) && (receivesHere || mayReceiveHere)) {
        needs.put(node.name(), view.member(node.name()).flatMap(Member::position).orElse(Lsn.ZERO));
      }
    }
    return needs;
  }
}
