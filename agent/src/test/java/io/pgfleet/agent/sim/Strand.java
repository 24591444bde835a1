package io.pgfleet.agent.sim;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A course of real code that can be stopped in the middle: a thread of its own, of which exactly
 * one runs at a time, so that the order of things is the seed's alone.
 */
final class Strand {
  /** Unwinds a killed process; no code of a process catches it. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  private final Semaphore mayGo = new Semaphore(0);
  private final Semaphore hasPaused = new Semaphore(0);
  private final Thread thread;
  private @Nullable Throwable failure;
  private boolean begun;
  private boolean killed;
  private boolean over;

  Strand(Runnable body) {
    this.thread = Thread.ofVirtual().unstarted(() -> run(body));
  }

  private void run(Runnable body) {
    mayGo.acquireUninterruptibly();
    try {
      if (!killed) {
        body.run();
      }
    } catch (Killed expected) {
      failure = null;
    } catch (Throwable thrown) {
      failure = thrown;
    } finally {
      over = true;
      hasPaused.release();
    }
  }

  /** Runs it until it pauses or ends. */
  void resume() {
    if (over) {
      return;
    }
    if (!begun) {
      begun = true;
      thread.start();
    }
    mayGo.release();
    hasPaused.acquireUninterruptibly();
    if (failure != null) {
      throw new AssertionError("a simulated process failed: " + failure, failure);
    }
  }

  /** Called by the running code: gives the turn back until it is resumed. */
  void pause() {
    if (killed) {
      throw new Killed();
    }
    hasPaused.release();
    mayGo.acquireUninterruptibly();
    if (killed) {
      throw new Killed();
    }
  }

  /** Ends it wherever it is. */
  void kill() {
    killed = true;
    if (begun) {
      resume();
    }
    over = true;
  }
}
