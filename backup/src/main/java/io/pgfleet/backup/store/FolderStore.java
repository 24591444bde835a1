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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A folder, on this machine or mounted from another. An object is written beside its place, brought
 * to disk, and then renamed; what a crash left half written begins with a dot and is no object.
 */
public final class FolderStore implements ObjectStore {
  private static final String UNFINISHED = ".part-";
  private static final int ATTEMPTS = 20;

  private final Path root;
  private final AtomicLong next = new AtomicLong();

  /** The store of a folder, which is made with the first object. */
  public FolderStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  private Path path(String name) {
    return root.resolve(ObjectNames.check(name));
  }

  @Override
  public void put(String name, byte[] bytes) throws IOException {
    Path target = path(name);
    for (int attempt = 1; ; attempt++) {
      try {
        write(target, bytes);
        return;
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        // Whoever deletes the last object of a folder deletes the folder, perhaps while it is made.
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void write(Path target, byte[] bytes) throws IOException {
    Path folder = target.getParent();
    makeFolders(folder);
    Path part =
        folder.resolve(UNFINISHED + ProcessHandle.current().pid() + "-" + next.incrementAndGet());
    try {
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer content = ByteBuffer.wrap(bytes);
        while (content.hasRemaining()) {
          channel.write(content);
        }
        channel.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      force(folder);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Makes folders so that they outlive a crash: each stands in one that is on disk. */
  private void makeFolders(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent != null) {
      makeFolders(parent);
    }
    Files.createDirectories(folder);
    if (parent != null && folder.startsWith(root)) {
      force(parent);
    }
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public byte[] get(String name) throws IOException {
    Path path = path(name);
    long size = Files.size(path);
    if (size > LARGEST) {
      throw new IOException(path + " has " + size + " bytes, which no object has");
    }
    return Files.readAllBytes(path);
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
            if (!file.getFileName().toString().startsWith(UNFINISHED)) {
              found.add(new Listed(root.relativize(file).toString(), attributes.size()));
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
        });
    found.sort(Comparator.comparing(Listed::name));
    return found;
  }

  @Override
  public void delete(String name) throws IOException {
    Path path = path(name);
    Files.deleteIfExists(path);
    for (Path folder = path.getParent();
        folder != null && folder.startsWith(root) && !folder.equals(root);
        folder = folder.getParent()) {
      try {
        Files.delete(folder);
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
