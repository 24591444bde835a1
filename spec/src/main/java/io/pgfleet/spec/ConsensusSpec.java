package io.pgfleet.spec;

import java.time.Duration;

/** Where the fleet's agreed state is kept, and how long a primary's lease lives without renewal. */
public record ConsensusSpec(HostPort address, Duration lease) {
  /** Checks that a lease lasts. */
  public ConsensusSpec {
    if (!lease.isPositive()) {
      throw new IllegalArgumentException("a lease lasts for some time");
    }
  }
}
