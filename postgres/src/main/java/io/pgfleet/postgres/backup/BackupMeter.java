package io.pgfleet.postgres.backup;

import java.time.Duration;
import java.util.function.Consumer;

/** Counts a base backup's bytes, and tells about ten times a second how far it is. */
public final class BackupMeter {
  private static final long REPORT_NANOS = 100_000_000;

  private final Consumer<BackupProgress> progress;
  private final long begin = System.nanoTime();
  private long told = begin;
  private long bytes;
  private long estimated;

  /** A meter that begins now; it tells on the thread that counts. */
  public BackupMeter(Consumer<BackupProgress> progress) {
    this.progress = progress;
  }

  /** So many bytes more are expected. */
  public void estimate(long more) {
    estimated += more;
  }

  /** So many bytes more have come. */
  public void taken(long more) {
    bytes += more;
    if (System.nanoTime() - told > REPORT_NANOS) {
      report();
    }
  }

  /** Tells at once. */
  public void report() {
    told = System.nanoTime();
    progress.accept(new BackupProgress(bytes, Math.max(bytes, estimated), elapsed()));
  }

  /** How many have come. */
  public long bytes() {
    return bytes;
  }

  /** Since it was made. */
  public Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
