package io.pgfleet.backup.logical;

import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.wire.client.Connection;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How far an export or import is, and the way to break it off from another thread: the statement
 * that runs is cancelled, and no byte more goes through.
 */
public final class LogicalWork {
  private final Consumer<BackupProgress> progress;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final long began = System.nanoTime();
  private volatile boolean stopped;
  private volatile @Nullable Connection connection;
  private long done;
  private long expected;

  /** Work that tells how far it is. */
  public LogicalWork(Consumer<BackupProgress> progress) {
    this.progress = progress;
  }

  /** Breaks it off, and waits until what was half done is taken back. */
  public void stop(Duration patience) {
    stopped = true;
    Connection running = connection;
    if (running != null) {
      try {
        running.cancel();
      } catch (IOException e) {
        // The server can't be reached; the next byte that is to go through ends it.
      }
    }
    try {
      if (!ended.await(patience.toMillis(), TimeUnit.MILLISECONDS) && running != null) {
        running.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it was broken off. */
  public boolean isStopped() {
    return stopped;
  }

  void on(Connection used) {
    connection = used;
  }

  void ended() {
    ended.countDown();
  }

  void expect(long bytes) {
    expected = bytes;
    done = 0;
  }

  void passed(long bytes) throws IOException {
    if (stopped) {
      throw new InterruptedIOException("it was broken off");
    }
    done += bytes;
    progress.accept(
        new BackupProgress(
            done, Math.max(done, expected), Duration.ofNanos(System.nanoTime() - began)));
  }
}
