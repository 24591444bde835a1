package io.pgfleet.agent.decide;

import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.Optional;
import java.util.OptionalLong;

/** What an agent sees of its own server. */
public sealed interface LocalServer {
  /** There is no data folder yet. */
  record Absent() implements LocalServer {}

  /**
   * There is data and no postmaster.
   *
   * @param systemIdentifier whose data it is
   */
  record Stopped(long systemIdentifier) implements LocalServer {}

  /** The postmaster runs and does not answer yet, or no more. */
  record Silent(long systemIdentifier) implements LocalServer {}

  /**
   * The server is out of recovery: it accepts writes.
   *
   * @param timeline the timeline it writes
   */
  record Primary(long systemIdentifier, int timeline, Lsn written) implements LocalServer {}

  /**
   * The server is in recovery.
   *
   * @param upstream the node its configuration names to receive WAL from; empty when sealed
   * @param receiving whether a WAL receiver runs
   * @param exhausted whether it has replayed all WAL it has on disk, so that {@code flushed} is
   *     final while nothing is received
   * @param held whether it has WAL that it does not apply yet, since its node has a delay or since
   *     somebody has paused replay
   * @param behind how many seconds ago the newest transaction that it has applied was committed;
   *     empty if it has applied none since it started
   */
  record Standby(
      long systemIdentifier,
      int timeline,
      Lsn flushed,
      Optional<NodeName> upstream,
      boolean receiving,
      boolean exhausted,
      boolean held,
      OptionalLong behind)
      implements LocalServer {
    /** One that applies what it can, and does not say how old that is. */
    public Standby(
        long systemIdentifier,
        int timeline,
        Lsn flushed,
        Optional<NodeName> upstream,
        boolean receiving,
        boolean exhausted) {
      this(
          systemIdentifier,
          timeline,
          flushed,
          upstream,
          receiving,
          exhausted,
          false,
          OptionalLong.empty());
    }

    /** Whether it holds still: it receives nothing and will not. */
    public boolean sealed() {
      return cutOff() && exhausted;
    }

    /** Whether it receives nothing and will not, whatever it still has to apply. */
    public boolean cutOff() {
      return upstream.isEmpty() && !receiving;
    }
  }
}
