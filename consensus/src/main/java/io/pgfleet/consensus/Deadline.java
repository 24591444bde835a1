package io.pgfleet.consensus;

import java.time.Duration;
import java.util.function.Supplier;

/** The end in time of a call of several steps. */
final class Deadline {
  private Deadline() {}

  /** Gives the time left; zero when it is over. */
  static Supplier<Duration> after(Duration limit, Ticker ticker) {
    long end = ticker.nanos() + limit.toNanos();
    return () -> Duration.ofNanos(Math.max(0, end - ticker.nanos()));
  }
}
