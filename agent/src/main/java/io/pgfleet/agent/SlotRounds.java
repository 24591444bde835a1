package io.pgfleet.agent;

import io.pgfleet.consensus.Ticker;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

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
  private long due;

  /** Nothing was done yet. */
  SlotRounds(NodeServer server, Ticker ticker) {
    this.server = server;
    this.ticker = ticker;
    this.due = ticker.nanos() + LATER.toNanos();
  }

  /**
   * Makes the missing ones at once, for a server that has just become primary: to drop any would
   * take them from standbys that are about to connect.
   */
  void begin(Set<NodeName> others) throws NodeServerException {
    server.makeSlots(others);
    due = ticker.nanos() + LATER.toNanos();
  }

  /** Keeps a slot for each of these nodes, if it is time. */
  void keep(Set<NodeName> others) throws NodeServerException {
    keep(others, Map.of());
  }

  /** The same on a standby, where some nodes have these positions and need the WAL from there. */
  void keep(Set<NodeName> others, Map<NodeName, Lsn> needed) throws NodeServerException {
    if (ticker.nanos() - due >= 0) {
      server.keepSlots(others, needed);
      due = ticker.nanos() + INTERVAL.toNanos();
    }
  }
}
