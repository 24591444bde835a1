package io.pgfleet.consensus;

/**
 * A monotonic clock. Only differences of its values mean anything; they may overflow, so compare
 * with {@code a - b < 0}.
 */
@FunctionalInterface
public interface Ticker {
  /** The moment now, in nanoseconds from an arbitrary origin. */
  long nanos();

  /**
   * The machine's monotonic clock. It stands still while the machine itself is suspended (a closed
   * laptop, a paused virtual machine); who needs to survive that must compare wall clocks too.
   */
  static Ticker system() {
    return SystemTicker.INSTANCE;
  }
}
