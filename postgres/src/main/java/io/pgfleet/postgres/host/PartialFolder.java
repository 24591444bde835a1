package io.pgfleet.postgres.host;

import io.pgfleet.postgres.host.ServerException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A folder in the making beside the place it is for, under a lock that one process of the machine
 * can hold. It appears under its own name whole or not at all; what a broken-off attempt left is
 * deleted by the next.
 */
public final class PartialFolder implements AutoCloseable {
  /** The file has a hole before its last byte, so it takes no room. */
  private static final int LONGEST_MARK = 1 << 30;

  private final Path target;
  private final Path partial;
  private final Path lockFile;
  private final FileChannel channel;
  private final FileLock lock;

  private PartialFolder(
      Path target, Path partial, Path lockFile, FileChannel channel, FileLock lock) {
    this.target = target;
    this.partial = partial;
    this.lockFile = lockFile;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock, deletes the rest of an earlier attempt, and makes an empty private folder.
   *
   * @throws ServerException if another process is making the same folder
   */
  public static PartialFolder begin(Path target, ServerUser owner) throws IOException {
    Path absolute = target.toAbsolutePath().normalize();
    refuseMountPoint(absolute);
    PartialFolder begun = lock(absolute);
    try {
      FileTrees.delete(begun.partial);
      FileTrees.createPrivateFolder(begun.partial, owner);
      return begun;
    } catch (IOException | RuntimeException e) {
      begun.close();
      throw e;
    }
  }

  /** A mounted folder can't be given its content by a rename. */
  private static void refuseMountPoint(Path target) throws IOException {
    if (Files.isDirectory(target)
        && !Files.getAttribute(target, "unix:dev")
            .equals(Files.getAttribute(FileTrees.parent(target), "unix:dev"))) {
      throw new ServerException(
          Kind.NOT_A_DATA_FOLDER,
          "The folder " + target + " is where a file system is mounted.",
          "Name a folder in it, such as " + target.resolve("data") + ".");
    }
  }

  /**
   * Begins as {@link #begin} does, but waits for another process that makes the same folder.
   *
   * @throws ServerException if that one does not end within {@code patience}
   */
  public static PartialFolder beginInTurn(Path target, ServerUser owner, Duration patience)
      throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return begin(target, owner);
      } catch (ServerException e) {
        if (e.kind() != Kind.LOCKED || System.nanoTime() - deadline > 0) {
          throw e;
        }
        Pauses.brief();
      }
    }
  }

  private static PartialFolder lock(Path target) throws IOException {
    Path lockFile = FileTrees.sibling(target, ".lock");
    while (true) {
      FileChannel channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean held = false;
      try {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          throw busy(target);
        }
        // Its former holder deletes the file; then this lock is on a file that nobody else can see.
        if (isSame(channel, lockFile)) {
          held = true;
          Path partial = FileTrees.sibling(target, ".partial");
          return new PartialFolder(target, partial, lockFile, channel, lock);
        }
      } catch (OverlappingFileLockException e) {
        throw busy(target);
      } finally {
        if (!held) {
          channel.close();
        }
      }
    }
  }

  private static boolean isSame(FileChannel channel, Path lockFile) throws IOException {
    // Only its holder writes into the file, so one that has a length of our choice by name is ours.
    // It must not be opened a second time: closing any descriptor of a file drops all locks that
    // the process has on it (fcntl(2), 'Record locks').
    int mark = ThreadLocalRandom.current().nextInt(LONGEST_MARK);
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(new byte[1]), mark);
    try {
      return Files.size(lockFile) == mark + 1L;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static ServerException busy(Path target) {
    return new ServerException(
        Kind.LOCKED,
        "Another process is making the folder " + target + ".",
        "Wait until it has done so, or end it.");
  }

  /** The folder to fill. */
  public Path path() {
    return partial;
  }

  /**
   * Makes the content durable and gives it its name.
   *
   * @throws IOException if something with content has come to stand there; it is not touched
   */
  public void complete() throws IOException {
    FileTrees.flushTree(partial);
    // rename(2) replaces an empty folder, and fails on one that has anything in it
    Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    FileTrees.flushFolder(FileTrees.parent(target));
  }

  /** Deletes what was not completed, and lets the lock go. */
  @Override
  public void close() throws IOException {
    try (channel) {
      FileTrees.delete(partial);
      Files.deleteIfExists(lockFile);
      lock.release();
    }
  }
}
