package io.pgfleet.agent;

import io.pgfleet.consensus.Ticker;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits on the primary that change nothing, for the sake of standbys with a delay. Such a standby
 * waits before a commit, and has by then applied what came before it, locks of the transaction
 * among them. Were the commit of a mistake the next one, the table that was dropped would be locked
 * for all of the delay. So there is always another one shortly before.
 */
final class Heartbeat {
  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);
  private static final Duration LEAST = Duration.ofMillis(500);
  private static final Duration MOST = Duration.ofSeconds(10);
  private static final int BEATS = 10;

  private final NodeServer server;
  private final Ticker ticker;
  private final Optional<Duration> interval;
  private long due;

  /** The first is due after one interval: a reign that begins has better things to do. */
  Heartbeat(GroupSpec group, NodeServer server, Ticker ticker) {
    this.server = server;
    this.ticker = ticker;
    this.interval = interval(group);
    this.due = ticker.nanos() + interval.orElse(Duration.ZERO).toNanos();
  }

  /** How far apart they are; none where no node has a delay. */
  static Optional<Duration> interval(GroupSpec group) {
    return group.nodes().stream()
        .filter(NodeSpec::delayed)
        .map(node -> node.delay().dividedBy(BEATS))
        .min(Comparator.naturalOrder())
        .map(time -> time.compareTo(LEAST) < 0 ? LEAST : time.compareTo(MOST) > 0 ? MOST : time);
  }

  /** Commits, if it is time. */
  void round() {
    if (interval.isEmpty() || ticker.nanos() - due < 0) {
      return;
    }
    due = ticker.nanos() + interval.get().toNanos();
    try {
      server.commitNothing();
    } catch (NodeServerException e) {
      // Leading goes on without, also where transaction numbers have run out.
      log.warn("no commit for the sake of delayed standbys: {}", e.getMessage());
    }
  }
}
