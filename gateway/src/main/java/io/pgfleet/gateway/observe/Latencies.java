package io.pgfleet.gateway.observe;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A histogram of durations with fixed bounds: counts in a plain array, filled by one thread,
 * without locks and without allocation.
 */
public final class Latencies {
  private static final long[] BOUNDS =
      LongStream.of(
              100,
              250,
              500,
              1_000,
              2_500,
              5_000,
              10_000,
              25_000,
              50_000,
              100_000,
              250_000,
              500_000,
              1_000_000,
              2_500_000,
              5_000_000,
              10_000_000,
              30_000_000,
              60_000_000)
          .map(microseconds -> microseconds * 1_000)
          .toArray();

  private final long[] counts = new long[BOUNDS.length + 1];
  private long nanoseconds;

  /** The upper bounds of all buckets but the last, which has none. */
  public static List<Duration> bounds() {
    return LongStream.of(BOUNDS).mapToObj(Duration::ofNanos).toList();
  }

  /** Counts one duration; what a clock's steps made negative counts as none. */
  public void record(long duration) {
    int bucket = 0;
    while (bucket < BOUNDS.length && duration > BOUNDS[bucket]) {
      bucket++;
    }
    counts[bucket]++;
    nanoseconds += Math.max(0, duration);
  }

  /** Adds another's counts to this one's. */
  public void add(Latencies other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    nanoseconds += other.nanoseconds;
  }

  /** How many were counted. */
  public long count() {
    return LongStream.of(counts).sum();
  }

  /** How many fell into a bucket, those of lower buckets not included. */
  public long count(int bucket) {
    return counts[bucket];
  }

  /** All durations together. */
  public Duration sum() {
    return Duration.ofNanos(nanoseconds);
  }
}
