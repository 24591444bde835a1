package io.pgfleet.postgres.backup;

import java.time.Duration;

/**
 * How far a base backup is.
 *
 * @param bytes taken so far
 * @param estimatedBytes the server's estimate of the whole, 0 before it has given one; WAL written
 *     meanwhile comes on top, so it never lies below {@code bytes}
 * @param elapsed since the backup was asked for
 */
public record BackupProgress(long bytes, long estimatedBytes, Duration elapsed) {
  /** Bytes a second from the beginning. */
  public long rate() {
    long millis = Math.max(1, elapsed.toMillis());
    return Math.round(bytes * 1000.0 / millis);
  }

  /** From 0 to 1. */
  public double share() {
    return estimatedBytes == 0 ? 0 : (double) bytes / estimatedBytes;
  }
}
