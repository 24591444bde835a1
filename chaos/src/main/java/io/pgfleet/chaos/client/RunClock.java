package io.pgfleet.chaos.client;

import java.time.Duration;
import java.time.Instant;

/** The time since a run began, which all that is told of it is counted in. */
public final class RunClock {
  private final Instant start = Instant.now();
  private final long startNanos = System.nanoTime();

  /** How long the run goes on by now. */
  public Duration now() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** A moment of the machine's clock, as logs have it. */
  public Duration at(Instant moment) {
    return Duration.between(start, moment);
  }
}
