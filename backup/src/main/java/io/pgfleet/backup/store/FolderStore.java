package io.pgfleet.backup.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A folder, on this machine or mounted from another, that only its owner may read. An object is
 * written beside its place, brought to disk, and then given its name; what a crash left half
 * written begins with a dot and is no object.
 */
public final class FolderStore implements ObjectStore {
  private static final String UNFINISHED = ".part-";
  private static final int ATTEMPTS = 20;

  /** The JDK keeps for each thread a copy outside of the heap as large as what it was given. */
  private static final int SLICE = 256 * 1024;

  private static final Set<PosixFilePermission> OWNER_FILE =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNER_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  private final Path root;

  /** Folders that are known to be on disk in the one that holds them. */
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  /** The store of a folder, which is made with the first object. */
  public FolderStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  private Path path(String name) {
    return root.resolve(ObjectNames.check(name));
  }

  @Override
  public void put(String name, byte[] bytes) throws IOException {
    put(name, ByteBuffer.wrap(bytes));
  }

  @Override
  public void put(String name, ByteBuffer bytes) throws IOException {
    write(path(name), bytes, true);
  }

  @Override
  public boolean putIfAbsent(String name, byte[] bytes) throws IOException {
    return write(path(name), ByteBuffer.wrap(bytes), false);
  }

  private boolean write(Path target, ByteBuffer bytes, boolean replace) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        makeFolders(parent(target));
        return writeOnce(target, bytes, replace);
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        // Whoever deletes the last object of a folder deletes the folder, perhaps while it is made.
        durable.clear();
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static boolean writeOnce(Path target, ByteBuffer bytes, boolean replace)
      throws IOException {
    Path folder = parent(target);
    // Several machines may write to one folder, and in containers all have the same numbers.
    Path part = folder.resolve(UNFINISHED + UUID.randomUUID());
    try {
      writeAll(part, bytes);
      if (replace) {
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } else if (!link(target, part)) {
        return false;
      }
      force(folder);
      return true;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void writeAll(Path part, ByteBuffer bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            part,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(OWNER_FILE))) {
      int at = bytes.position();
      while (at < bytes.limit()) {
        at += channel.write(bytes.slice(at, Math.min(SLICE, bytes.limit() - at)));
      }
      channel.force(true);
    }
  }

  /** A second name, which unlike a rename never takes the place of a file. */
  private static boolean link(Path target, Path part) throws IOException {
    try {
      Files.createLink(target, part);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /** Makes folders so that they outlive a crash: each stands in one that is on disk. */
  private void makeFolders(Path folder) throws IOException {
    if (durable.contains(folder)) {
      return;
    }
    boolean below = folder.startsWith(root) && folder.getParent() != null;
    if (below) {
      makeFolders(parent(folder));
    }
    Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
    if (below) {
      force(parent(folder));
      durable.add(folder);
    }
  }

  /** An object lies below the root, so only the file system's own has none. */
  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public byte[] get(String name) throws IOException {
    Path path = path(name);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      ObjectStore.requireFits(path.toString(), size, LARGEST);
      return read(path, channel, ByteBuffer.allocate((int) size)).array();
    }
  }

  @Override
  public ByteBuffer get(String name, ByteBuffer buffer) throws IOException {
    Path path = path(name);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      ObjectStore.requireFits(path.toString(), size, buffer.capacity());
      return read(path, channel, buffer.clear().limit((int) size));
    }
  }

  private static ByteBuffer read(Path path, FileChannel channel, ByteBuffer into)
      throws IOException {
    int at = 0;
    while (at < into.limit()) {
      int count = channel.read(into.slice(at, Math.min(SLICE, into.limit() - at)));
      if (count < 0) {
        throw new IOException(path + " broke off after " + at + " of " + into.limit() + " bytes");
      }
      at += count;
    }
    return into;
  }

  @Override
  public List<Listed> list(String folder) throws IOException {
    Path top = path(folder);
    List<Listed> found = new ArrayList<>();
    if (!Files.isDirectory(top)) {
      return found;
    }
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            // Passes over what is half written, and what a file system makes, such as .nfs0001.
            String name = root.relativize(file).toString();
            if (ObjectNames.is(name)) {
              found.add(new Listed(name, attributes.size()));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException why) throws IOException {
            if (why instanceof NoSuchFileException) { // deleted meanwhile
              return FileVisitResult.CONTINUE;
            }
            throw why;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException why)
              throws IOException {
            return why == null || why instanceof NoSuchFileException
                ? FileVisitResult.CONTINUE
                : super.postVisitDirectory(visited, why);
          }
        });
    found.sort(Comparator.comparing(Listed::name));
    return found;
  }

  @Override
  public void delete(String name) throws IOException {
    Path path = path(name);
    if (Files.deleteIfExists(path)) {
      try {
        force(parent(path));
      } catch (NoSuchFileException e) {
        // Another has deleted the folder, which was empty then.
      }
    }
    for (Path folder = path.getParent();
        folder != null && folder.startsWith(root) && !folder.equals(root);
        folder = folder.getParent()) {
      try {
        Files.delete(folder);
        durable.remove(folder);
      } catch (DirectoryNotEmptyException | NoSuchFileException e) {
        return;
      }
    }
  }

  @Override
  public String place() {
    return root.toString();
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
