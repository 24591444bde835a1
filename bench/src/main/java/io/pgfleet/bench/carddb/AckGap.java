package io.pgfleet.bench.carddb;

import java.time.Duration;

/**
 * The longest time in which no client of a run had a write acknowledged. Times are readings of a
 * monotonic clock in nanoseconds.
 */
final class AckGap {
  private long last;
  private long longest;

  AckGap(long start) {
    this.last = start;
  }

  synchronized void acknowledged(long now) {
    // Readings of several threads may arrive out of order.
    if (now - last > 0) {
      longest = Math.max(longest, now - last);
      last = now;
    }
  }

  /** For how long nothing has been acknowledged now. */
  synchronized Duration current(long now) {
    return Duration.ofNanos(Math.max(0, now - last));
  }

  synchronized Duration longest() {
    return Duration.ofNanos(longest);
  }
}
