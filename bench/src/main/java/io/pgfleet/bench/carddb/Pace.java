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
  private Duration untilNext;
  private long last;
  private boolean begun;

  private Pace(Optional<Duration> interval, Duration offset, LongSupplier nanos) {
    this.interval = interval;
    this.untilNext = offset;
    this.nanos = nanos;
  }

  static Pace unlimited(LongSupplier nanos) {
    return new Pace(Optional.empty(), Duration.ZERO, nanos);
  }

  /** One operation an interval; the first waits for {@code offset} from when it is asked for. */
  static Pace every(Duration interval, Duration offset, LongSupplier nanos) {
    return new Pace(Optional.of(interval), offset, nanos);
  }

  /** Waits until the next operation is due; when that was. */
  long awaitTurn() throws InterruptedException {
    if (interval.isEmpty()) {
      return nanos.getAsLong();
    }
    if (!begun) {
      begun = true;
      last = nanos.getAsLong();
    }
    long due = last + untilNext.toNanos();
    last = due;
    untilNext = interval.get();
    long wait = due - nanos.getAsLong();
    if (wait > 0) {
      Thread.sleep(Duration.ofNanos(wait));
    }
    return due;
  }
}
