package io.pgfleet.gateway.observe;

import java.time.Duration;

/** The wish to see statements of one client: every so many-th, for a while. One loop's own. */
public final class Trace {
  /** The longest that a trace may run, so that none is forgotten. */
  public static final Duration LONGEST = Duration.ofHours(24);

  private final int every;
  private final long until;
  private long seen;

  /**
   * @param every 1 for all statements, n for one of n
   * @param until in nanoseconds of the loop's clock
   */
  public Trace(int every, long until) {
    this.every = every;
    this.until = until;
  }

  /** Counts one statement; whether it is one to write down. */
  public boolean takes() {
    return seen++ % every == 0;
  }

  /** Whether the time is up. */
  public boolean over(long now) {
    return now - until >= 0;
  }
}
