package io.pgfleet.postgres.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files and folders that survive a crash of the machine: written whole or not at all. */
public final class FileTrees {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final long NO_ROOM = 64 * 1024;
  private static final Duration FLUSH = Duration.ofMinutes(10);

  private FileTrees() {}

  /** Makes a folder that only the server's user may enter; its parent must exist. */
  public static void createPrivateFolder(Path folder, ServerUser owner) throws IOException {
    Files.createDirectory(folder, PRIVATE_FOLDER);
    owner.own(folder);
  }

  /** Makes a file that only the server's user may read and write; it must not exist. */
  public static FileChannel createPrivateFile(Path file, @Nullable ServerUser owner)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), PRIVATE_FILE);
    try {
      if (owner != null) {
        owner.own(file);
      }
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Replaces a file's content in one step (temporary file, fsync, rename, fsync of the folder). The
   * file is readable and writable by its owner alone.
   */
  public static void replace(Path file, String content, @Nullable ServerUser owner)
      throws IOException {
    Path temporary = sibling(file, ".new");
    Files.deleteIfExists(temporary);
    try (FileChannel channel = createPrivateFile(temporary, owner)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    flushFolder(parent(file));
  }

  /** The hidden neighbour of a path that has its name and an ending. */
  public static Path sibling(Path path, String ending) {
    return path.resolveSibling("." + path.getFileName() + ending);
  }

  static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    return parent == null ? path : parent;
  }

  /** Makes the names in a folder durable. */
  public static void flushFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Makes everything under a folder durable: in one call for its file system where the machine has
   * one, which is many times quicker than thousands of calls, else file by file.
   */
  public static void flushTree(Path root) throws IOException {
    Optional<Path> sync = ServerUser.find("sync");
    if (sync.isPresent() && Files.isDirectory(Path.of("/proc/self"))) {
      List<String> command = List.of(sync.get().toString(), "-f", root.toString());
      if (Commands.run(command, FLUSH).succeeded()) {
        return;
      }
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                channel.force(true);
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            flushFolder(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Deletes a folder and all in it, following no link; nothing if it is not there. */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            // A server that is shutting down deletes files under our feet.
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Whether a folder has nothing in it. */
  public static boolean isEmpty(Path folder) throws IOException {
    try (var entries = Files.newDirectoryStream(folder)) {
      return !entries.iterator().hasNext();
    }
  }

  /** Whether a folder's file system has no room left, not even for a message in a log. */
  public static boolean isFull(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace() < NO_ROOM;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a failure says that the file system is full or the quota used up. */
  public static boolean saysDiskFull(@Nullable String message) {
    return message != null
        && (message.contains("No space left on device") || message.contains("Disk quota exceeded"));
  }
}
