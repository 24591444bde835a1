package io.pgfleet.consensus.group;

import java.time.Instant;

/**
 * An operator's word that a group is under maintenance: its agents go on observing and keep the
 * lease, and start, stop and promote no server.
 *
 * @param since when it was said
 * @param ending whether it is to end; it ends once the primary's agent, which may have let its
 *     server go on without a lease, guards the lease again
 */
public record Pause(Instant since, boolean ending) {
  /** The same, to be lifted. */
  public Pause ended() {
    return new Pause(since, true);
  }
}
