package io.pgfleet.agent;

import io.pgfleet.agent.decide.LocalServer;
import java.time.Duration;

/** How long a standby that follows has received nothing. */
final class Reception {
  private final long patience;
  private boolean missing;
  private long since;

  /** One that has just begun; after {@code patience} it is stuck. */
  Reception(Duration patience) {
    this.patience = patience.toNanos();
  }

  /**
   * Takes note of a look at the server.
   *
   * @param delayed whether the node applies changes only some time after the primary. PostgreSQL
   *     starts a WAL receiver only once all WAL that is there was applied, so one that has lost its
   *     upstream receives nothing for as long as that, and nothing is wrong
   * @param now by a monotonic clock, in nanoseconds
   * @return whether it has been stuck for too long, once
   */
  boolean stuck(LocalServer here, boolean delayed, boolean paused, long now) {
    boolean fine =
        here instanceof LocalServer.Standby standby
            && (standby.receiving() || (delayed && standby.held()));
    if (fine || !missing) {
      missing = !fine;
      since = now;
      return false;
    }
    boolean stuck = !paused && now - since > patience;
    missing = !stuck;
    return stuck;
  }
}
