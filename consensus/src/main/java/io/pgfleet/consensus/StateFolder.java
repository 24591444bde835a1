package io.pgfleet.consensus;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The folder of an embedded server, held against a second one by a lock on a file in it. */
final class StateFolder implements AutoCloseable {
  /** Room for a log file, a snapshot and some days of a small fleet. */
  private static final long ENOUGH_BYTES = 32L * 1024 * 1024;

  private final Path path;
  private final FileChannel lock;

  private StateFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  static StateFolder open(Path path) throws ConsensusStartException {
    FileChannel lock = null;
    boolean held = false;
    try {
      Files.createDirectories(path);
      lock =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      held = lock.tryLock() != null;
      long free = Files.getFileStore(path).getUsableSpace();
      if (held && free < ENOUGH_BYTES) {
        held = false;
        throw new ConsensusStartException(
            "The disk of the consensus server's folder "
                + path
                + " is full ("
                + free / 1024
                + " KiB left). Make room for 32 MiB or more, or choose another folder.",
            null);
      }
    } catch (OverlappingFileLockException e) {
      // This JVM holds it; the same as if another did.
    } catch (IOException e) {
      throw unusable(path, e);
    } finally {
      if (!held && lock != null) {
        closeQuietly(lock);
      }
    }
    if (!held || lock == null) {
      throw new ConsensusStartException(
          "The consensus server's folder "
              + path
              + " is used by another server. Stop that one, or choose another folder.",
          null);
    }
    return new StateFolder(path, lock);
  }

  Path path() {
    return path;
  }

  Path data() {
    return path.resolve("data");
  }

  Path log() {
    return path.resolve("log");
  }

  /** What to tell when the server could not use what is in the folder. */
  ConsensusStartException unusable(Exception cause) {
    return unusable(path, cause);
  }

  private static ConsensusStartException unusable(Path path, Exception cause) {
    return new ConsensusStartException(
        "The consensus server can't use its folder "
            + path
            + " ("
            + cause
            + "). Let this user read and write it and keep room on its disk, or choose another"
            + " folder.",
        cause);
  }

  @Override
  public void close() {
    closeQuietly(lock);
  }

  private static void closeQuietly(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException ignored) {
      // The lock ends with the process in any case.
    }
  }
}
