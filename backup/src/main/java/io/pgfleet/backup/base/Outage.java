package io.pgfleet.backup.base;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.postgres.host.FileTrees;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries again what a store that is away has refused; for several threads. */
final class Outage implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Outage.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final Duration longest;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Whether it was told that the store is away. */
  private final AtomicBoolean away = new AtomicBoolean();

  /** One that lasts so long at most. */
  Outage(Duration longest) {
    this.longest = longest;
  }

  /**
   * What the first try gives, or one of the others.
   *
   * @throws BackupException if the store is away for too long, if trying again is of no use, or
   *     nobody waits for it any more
   */
  <T> T bridged(Supplier<T> first, Supplier<T> again) {
    try {
      return first.get();
    } catch (BackupException e) {
      return bridged(again, e);
    }
  }

  private <T> T bridged(Supplier<T> again, BackupException first) {
    long began = System.nanoTime();
    BackupException last = first;
    Duration pause = FIRST_PAUSE;
    while (isMendable(last) && System.nanoTime() - began < longest.toNanos()) {
      if (away.compareAndSet(false, true)) {
        log.warn("{} The backup waits for it, up to {} s.", last.getMessage(), longest.toSeconds());
      }
      if (!waited(pause)) {
        throw last;
      }
      try {
        T done = again.get();
        if (away.compareAndSet(true, false)) {
          log.warn("the repository is there again, and the backup goes on");
        }
        return done;
      } catch (BackupException e) {
        last = e;
      }
      Duration twice = pause.multipliedBy(2);
      pause = twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }
    throw last;
  }

  /** A disk that is full gets room when the backup is given up, and WAL needs that. */
  private static boolean isMendable(BackupException why) {
    return why.kind() == Kind.STORE && !FileTrees.saysDiskFull(why.getMessage());
  }

  /** Whether there was time to wait. */
  private boolean waited(Duration pause) {
    try {
      return !closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Whoever waits, waits no more. */
  @Override
  public void close() {
    closed.countDown();
  }
}
