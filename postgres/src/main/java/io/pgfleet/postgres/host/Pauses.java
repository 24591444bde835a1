package io.pgfleet.postgres.host;

import java.util.concurrent.locks.LockSupport;

/** The wait between two looks at a thing that can't report by itself. */
public final class Pauses {
  private static final long BRIEF_NANOS = 10_000_000;

  private Pauses() {}

  /**
   * Waits 10 ms: short enough not to be felt where a human waits, long enough to cost nothing.
   *
   * @throws WaitInterruptedException if the thread is interrupted; it stays marked as such
   */
  public static void brief() {
    LockSupport.parkNanos(BRIEF_NANOS);
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
