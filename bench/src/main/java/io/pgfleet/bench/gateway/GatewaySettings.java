package io.pgfleet.bench.gateway;

import java.time.Duration;

/**
 * How the comparison is run.
 *
 * @param seconds of each run of pgbench
 * @param scale of pgbench's tables: 100,000 accounts each
 */
public record GatewaySettings(
    int rounds, int clients, int threads, Duration seconds, int scale, int poolSize) {
  public GatewaySettings {
    if (rounds < 1 || clients < 1 || threads < 1 || scale < 1 || poolSize < 1) {
      throw new IllegalArgumentException(
          "rounds, clients, threads, scale and pool size are at least 1");
    }
    if (seconds.toSeconds() < 1) {
      throw new IllegalArgumentException("a run takes at least a second");
    }
  }
}
