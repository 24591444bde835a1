package io.pgfleet.bench.backup;

import java.nio.file.Path;
import java.time.Duration;

/** One of those that are compared. Its repository is empty before each round. */
interface Side {
  /** Its name, with its version. */
  String name();

  /** How it works here, in words. */
  String settings();

  /**
   * What a full backup took.
   *
   * @param server processor time of the server's own processes
   * @param stored bytes in the repository, WAL included
   */
  record Taken(Cost cost, Duration server, long stored) {}

  /** Where its repository is. */
  Path repository();

  /** Makes an empty repository, and whatever else is done once, not for each backup. */
  void prepare() throws InterruptedException;

  /** Takes a full backup. */
  Taken backup() throws InterruptedException;

  /**
   * What a restore took.
   *
   * @param files until all files were there, on disk
   * @param whole until the server took writes
   * @param server processor time of the restored server until then
   */
  record Restored(Cost files, Cost whole, Duration server) {}

  /**
   * Restores the backup, and leaves the server running.
   *
   * @param target does not exist yet
   */
  Restored restore(Path target, int port) throws InterruptedException;

  /** Drops its repository. */
  void discard();
}
