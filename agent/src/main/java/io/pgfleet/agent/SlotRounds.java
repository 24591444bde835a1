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
  private boolean makes;
  private long due;

  private SlotRounds(NodeServer server, Ticker ticker, boolean makesFirst) {
    this.server = server;
    this.ticker = ticker;
    this.makes = makesFirst;
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

  /**
   * Keeps a slot for each of these nodes, if it is time.
   *
   * @param needed on a standby, which nodes need the WAL from which position on
   */
  void keep(Set<NodeName> others, Map<NodeName, Lsn> needed) throws NodeServerException {
    if (makes) {
      server.makeSlots(others);
      makes = false;
      due = ticker.nanos() + LATER.toNanos();
    } else if (ticker.nanos() - due >= 0) {
      server.keepSlots(others, needed);
      due = ticker.nanos() + INTERVAL.toNanos();
    }
  }
}
