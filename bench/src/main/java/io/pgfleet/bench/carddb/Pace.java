package io.pgfleet.bench.carddb;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * When a client begins its operations: at once after the last, or at a steady rate. At a rate,
 * operations are timed from when they were due, so that those held up behind a slow one count as
 * slow too.
 */
final class Pace {
  private final Optional<Duration> interval;
  private final LongSupplier nanos;
  private long next;

  private Pace(Optional<Duration> interval, long start, LongSupplier nanos) {
    this.interval = interval;
    this.nanos = nanos;
    this.next = start;
  }

  static Pace unlimited(LongSupplier nanos) {
    return new Pace(Optional.empty(), 0, nanos);
  }

  /** One operation an interval, the first at {@code start}. */
  static Pace every(Duration interval, long start, LongSupplier nanos) {
    return new Pace(Optional.of(interval), start, nanos);
  }

  /** Waits until the next operation is due; when that was. */
  long awaitTurn() throws InterruptedException {
    if (interval.isEmpty()) {
      return nanos.getAsLong();
    }
    long due = next;
    next += interval.get().toNanos();
    long wait = due - nanos.getAsLong();
    if (wait > 0) {
      Thread.sleep(Duration.ofNanos(wait));
    }
    return due;
  }
}
