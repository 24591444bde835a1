package io.pgfleet.bench.reads;

import java.time.Duration;

/**
 * How reads are measured.
 *
 * @param clients of pgbench
 * @param seconds of each run
 * @param scale of pgbench's tables
 * @param poolSize server connections of each pool
 */
public record ReadsSettings(int rounds, int clients, Duration seconds, int scale, int poolSize) {
  public ReadsSettings {
    if (rounds < 1 || clients < 1 || scale < 1 || poolSize < 1 || seconds.toSeconds() < 1) {
      throw new IllegalArgumentException("all numbers are at least 1");
    }
  }
}
