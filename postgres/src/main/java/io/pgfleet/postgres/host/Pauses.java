package io.pgfleet.postgres.host;

import java.util.concurrent.locks.LockSupport;

/** The wait between two looks at a thing that can't report by itself. */
public final class Pauses {
  private static final long SHORTEST_NANOS = 2_000_000;
  private static final long BRIEF_NANOS = 10_000_000;

  private Pauses() {}

  /**
   * Waits 2 ms: for what is over within moments, and what applications wait for.
   *
   * @throws WaitInterruptedException if the thread is interrupted; it stays marked as such
   */
  public static void shortest() {
    park(SHORTEST_NANOS);
  }

  /**
   * Waits 10 ms: short enough not to be felt where a human waits, long enough to cost nothing.
   *
   * @throws WaitInterruptedException if the thread is interrupted; it stays marked as such
   */
  public static void brief() {
    park(BRIEF_NANOS);
  }

  private static void park(long nanos) {
    LockSupport.parkNanos(nanos);
    if (Thread.currentThread().isInterrupted()) {
      throw new WaitInterruptedException();
    }
  }

  /** Says that a thread was told to stop while it waited for a server. */
  public static final class WaitInterruptedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    WaitInterruptedException() {
      super("interrupted while waiting for a PostgreSQL server");
    }
  }
}
