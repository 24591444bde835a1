package io.pgfleet.bench.backup;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.peer.Programs;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * Where and as whom everything runs that is measured.
 *
 * @param user who owns all files, and as whom servers and both sides' programs run
 * @param dropped how many folders have been dropped
 */
record Place(Path folder, Installation installation, ServerUser user, AtomicInteger dropped) {
  private static final int CHUNK = 1 << 18;

  Place(Path folder, Installation installation, ServerUser user) {
    this(folder, installation, user, new AtomicInteger());
  }

  /** Gives the folder to its user, as programs of both sides make files there. */
  void takeOver() {
    try {
      user.own(folder);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** A new folder of that name that only the user may enter. */
  Path folder(String name) {
    try {
      Path made = folder.resolve(name);
      FileTrees.createPrivateFolder(made, user);
      return made;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** A new file that only the user may read. */
  Path file(String name, String text) {
    try {
      Path file = folder.resolve(name);
      FileTrees.replace(file, text, user);
      return file;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /**
   * Gives a folder's room back and its name free. What is left are empty files elsewhere: ext4
   * looks twice at each inode that was deleted minutes ago before it takes it for a new file, so
   * that deleting would cost whoever makes files next.
   */
  void drop(Path path) {
    try {
      if (Files.exists(path)) {
        Path aside =
            folder.resolve("dropped-" + dropped.incrementAndGet() + "-" + path.getFileName());
        Files.move(path, aside);
        Files.walkFileTree(
            aside,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                  throws IOException {
                if (attributes.isRegularFile()) {
                  FileChannel.open(
                          file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
                      .close();
                }
                return FileVisitResult.CONTINUE;
              }
            });
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Bytes of the files in a folder; folders right below it can be left out by name. */
  static long bytes(Path top, Predicate<String> leftOut) {
    LongAdder bytes = new LongAdder();
    try {
      Files.walkFileTree(
          top,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              boolean out =
                  top.equals(folder.getParent()) && leftOut.test(folder.getFileName().toString());
              return out ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              bytes.add(attributes.size());
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException why) {
              return FileVisitResult.CONTINUE; // a server deletes files of its own
            }
          });
    } catch (IOException e) {
      throw unusable(e);
    }
    return bytes.sum();
  }

  /**
   * Makes the beginning the same for everybody, whoever did what before: what is to be read is in
   * the page cache, nothing waits to be written, and so much memory has just been used and given
   * back: a virtual machine may have to ask its host for memory that was idle, which costs the
   * first who needs it.
   */
  void settle(Path toRead, long memory) throws InterruptedException {
    byte[] chunk = new byte[CHUNK];
    Path filled = folder.resolve("filled");
    try {
      Files.walkFileTree(
          toRead,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              if (!attributes.isRegularFile()) {
                return FileVisitResult.CONTINUE; // pgBackRest keeps links to folders
              }
              try (InputStream in = Files.newInputStream(file)) {
                while (in.read(chunk) > 0) {
                  // read is enough
                }
              } catch (NoSuchFileException e) {
                // a server deletes files of its own
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException why) {
              return FileVisitResult.CONTINUE;
            }
          });
      Programs.run(List.of("sync", "-f", folder.toString()), Map.of());
      try (OutputStream out = Files.newOutputStream(filled)) {
        for (long written = 0; written < memory; written += CHUNK) {
          out.write(chunk);
        }
      }
      FileChannel.open(filled, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
          .close();
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private static BenchException unusable(IOException why) {
    return new BenchException(
        "the benchmark's folder can't be used: " + why.getMessage(),
        "name another with --folder, with room and open to all users");
  }
}
