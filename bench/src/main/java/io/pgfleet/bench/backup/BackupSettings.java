package io.pgfleet.bench.backup;

import java.util.Optional;

/**
 * What is measured.
 *
 * @param rounds how often both sides take and restore a backup
 * @param threads that compress and write, on our side; processes that do, on the other
 * @param size of the database, in bytes
 * @param key with which both encrypt, as hexadecimal digits; none to encrypt nothing
 * @param keep whether all files stay there
 */
public record BackupSettings(
    int rounds, int threads, long size, Optional<String> key, boolean keep) {
  private static final long LEAST = 100L << 20;

  /** The source, both repositories at their largest, and one restored copy. */
  private static final int COPIES = 4;

  /** WAL of the filling, and what servers write besides. */
  private static final long OTHERS = 2L << 30;

  /** Checks that there is something to do. */
  public BackupSettings {
    if (rounds < 1 || threads < 1) {
      throw new IllegalArgumentException("at least one round and one thread");
    }
    if (size < LEAST) {
      throw new IllegalArgumentException("a database of at least 100MB; less measures starts only");
    }
  }

  /** How much room the measurement needs on its disk. */
  long room() {
    return COPIES * size + OTHERS;
  }

  /** What the loads' names end with, so that results of both kinds are kept side by side. */
  String ending() {
    return key.isPresent() ? "-encrypted" : "";
  }
}
