package io.pgfleet.backup;

import io.pgfleet.wire.client.Connection;
import java.time.Duration;

/**
 * Closes a connection once the thread is interrupted that made this: one that waits for a server's
 * bytes does not hear it, and a checkpoint may take minutes.
 */
public final class InterruptWatch implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(100);

  private final Thread watched = Thread.currentThread();
  private final Connection connection;
  private final Thread watch;

  /**
   * Watches the thread that calls it.
   *
   * @param connection that it waits on
   */
  public InterruptWatch(Connection connection) {
    this.connection = connection;
    this.watch = Thread.ofVirtual().name("interrupt-watch").start(this::run);
  }

  private void run() {
    try {
      while (!watched.isInterrupted()) {
        Thread.sleep(LOOK);
      }
      connection.close();
    } catch (InterruptedException e) {
      // it is over
    }
  }

  @Override
  public void close() {
    watch.interrupt();
  }
}
