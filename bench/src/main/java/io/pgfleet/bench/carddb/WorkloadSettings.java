package io.pgfleet.bench.carddb;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * How a workload is run.
 *
 * @param clients each with a connection of its own; every other one uses transactions throughout
 * @param rate operations a second of all clients together; empty for as many as they get done
 * @param seed of the clients' choices
 */
public record WorkloadSettings(int clients, Duration duration, OptionalInt rate, long seed) {
  private static final int MOST_CLIENTS = 1000;

  public WorkloadSettings {
    if (clients < 1 || clients > MOST_CLIENTS) {
      throw new IllegalArgumentException("clients must be from 1 to " + MOST_CLIENTS);
    }
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("a run takes some time");
    }
    if (rate.isPresent() && rate.getAsInt() < 1) {
      throw new IllegalArgumentException("a rate is at least 1 a second");
    }
  }
}
