package io.pgfleet.postgres;

import java.util.Optional;

/** What a server is to be at its next start. */
public sealed interface Role {
  /** Accepts writes. */
  record Primary() implements Role {}

  /**
   * Replays WAL and never writes.
   *
   * @param upstream where from; without one it waits for the next configuration
   */
  record Standby(Optional<Upstream> upstream) implements Role {}
}
