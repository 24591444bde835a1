package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Manifest.PackedFile;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerUser;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Puts the files of a base backup into an empty folder. Packs are fetched, verified and written by
 * several threads, each pack by one.
 *
 * @param threads that fetch; each holds a pack twice: as it was put, and its content
 */
public record Unpacking(Archive archive, int threads) {
  private static final Duration REPORT = Duration.ofMillis(100);

  /** Written at once. With whole megabytes Linux 6.18 took two to four times the time for ext4. */
  private static final int SLICE = 128 * 1024;

  /** What a pack gives to a file. */
  record Piece(PackedFile file, long at, int offset, int length) {}

  /**
   * Fills the folder.
   *
   * @param user who shall own the files
   * @throws BackupException if an object is missing or damaged, or the folder can't be written
   */
  public void into(
      Path folder, Manifest manifest, ServerUser user, Consumer<BackupProgress> progress) {
    long begin = System.nanoTime();
    List<List<Piece>> plan = plan(manifest);
    LongAdder written = new LongAdder();
    try (Arena memory = Arena.ofShared();
        Workers workers = new Workers(threads)) {
      make(folder, manifest, user);
      int longest =
          Math.min(
              ObjectStore.LARGEST,
              manifest.packs().stream().mapToInt(Integer::intValue).max().orElse(0));
      // One for each thread, so a thread always finds one.
      Queue<Archive.Reader> readers = new ConcurrentLinkedQueue<>();
      for (int i = 0; i < threads; i++) {
        readers.add(archive.reader(longest, memory));
      }
      List<Future<?>> all = new ArrayList<>();
      for (int pack = 0; pack < plan.size(); pack++) {
        int number = pack;
        if (plan.get(number).isEmpty()) {
          continue; // nothing of it is wanted
        }
        all.add(
            workers.pool.submit(() -> {
              Archive.Reader reader = readers.remove();
              try {
                write(folder, reader, manifest, number, plan.get(number), written);
              } finally {
                readers.add(reader);
              }
              return null;
            }));
      }
      for (Future<?> one : all) {
        while (!ended(one)) {
          progress.accept(progress(manifest, written, begin));
        }
      }
      progress.accept(progress(manifest, written, begin));
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  /** Threads that are gone when this is closed: until then they use their buffers. */
  private static final class Workers implements AutoCloseable {
    private final ExecutorService pool;

    Workers(int threads) {
      this.pool =
          Executors.newFixedThreadPool(
              threads, Thread.ofPlatform().daemon().name("unpack-", 0).factory());
    }

    @Override
    public void close() {
      pool.shutdownNow();
      pool.close();
    }
  }

  private static BackupProgress progress(Manifest manifest, LongAdder written, long begin) {
    return new BackupProgress(
        written.sum(), manifest.bytes(), Duration.ofNanos(System.nanoTime() - begin));
  }

  private static boolean ended(Future<?> one) throws IOException {
    try {
      one.get(REPORT.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
      return true;
    } catch (java.util.concurrent.TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException why -> throw why;
        case RuntimeException why -> throw why;
        case null, default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  static BackupException unwritable(Path folder, IOException why) {
    return FileTrees.saysDiskFull(why.getMessage())
        ? new BackupException(
            Kind.SERVER,
            "There is no room for the backup in " + folder + ".",
            "Make room on that file system, or choose another folder.",
            why)
        : new BackupException(
            Kind.SERVER,
            "The backup can't be written to " + folder + ": " + why.getMessage() + ".",
            "See who may write there.",
            why);
  }

  /** Which pieces each pack holds, from the order in which files were packed. */
  static List<List<Piece>> plan(Manifest manifest) {
    List<List<Piece>> plan = new ArrayList<>();
    manifest.packs().forEach(_ -> plan.add(new ArrayList<>()));
    for (PackedFile file : manifest.files()) {
      long at = 0;
      int pack = file.pack();
      int offset = file.offset();
      while (at < file.size()) {
        if (pack >= plan.size() || offset > manifest.packs().get(pack)) {
          throw new BackupException(
              Kind.DAMAGED,
              "The manifest of backup "
                  + manifest.id()
                  + " contradicts itself about "
                  + file.name()
                  + ".",
              "Restore another backup.");
        }
        int length = (int) Math.min(file.size() - at, manifest.packs().get(pack) - offset);
        plan.get(pack).add(new Piece(file, at, offset, length));
        at += length;
        pack++;
        offset = 0;
      }
    }
    return plan;
  }

  /** Folders and files first, so that every thread finds its file. */
  private static void make(Path folder, Manifest manifest, ServerUser user) throws IOException {
    for (String name : manifest.folders()) {
      Path made = inside(folder, name);
      if (!Files.isDirectory(made)) {
        FileTrees.createPrivateFolder(made, user);
      }
    }
    for (PackedFile file : manifest.files()) {
      FileTrees.createPrivateFile(inside(folder, file.name()), user).close();
    }
  }

  static Path inside(Path folder, String name) throws IOException {
    Path path = folder.resolve(name).normalize();
    if (!path.startsWith(folder) || path.equals(folder)) {
      throw new IOException("the name " + name + " leads out of the folder");
    }
    return path;
  }

  /** The content of a pack. */
  static byte[] pack(Archive archive, Manifest manifest, int number) {
    String object = manifest.packObject(number);
    byte[] content = archive.get(object, manifest.checksum(number));
    if (content.length != manifest.packs().get(number)) {
      throw otherSize(object);
    }
    return content;
  }

  private static BackupException otherSize(String object) {
    return new BackupException(
        Kind.DAMAGED,
        "The object " + object + " has another size than the manifest says.",
        "Restore another backup.");
  }

  private static void write(
      Path folder,
      Archive.Reader reader,
      Manifest manifest,
      int number,
      List<Piece> pieces,
      LongAdder written)
      throws IOException {
    String object = manifest.packObject(number);
    ByteBuffer content = reader.get(object, manifest.checksum(number));
    if (content.remaining() != manifest.packs().get(number)) {
      throw otherSize(object);
    }
    for (Piece piece : pieces) {
      try (FileChannel channel =
          FileChannel.open(inside(folder, piece.file().name()), StandardOpenOption.WRITE)) {
        write(channel, content.slice(content.position() + piece.offset(), piece.length()), piece);
      }
      written.add(piece.length());
    }
  }

  /** Writes a piece to its place in its file. */
  static void write(FileChannel file, ByteBuffer bytes, Piece piece) throws IOException {
    int done = 0;
    while (done < piece.length()) {
      ByteBuffer slice =
          bytes.slice(bytes.position() + done, Math.min(SLICE, piece.length() - done));
      done += file.write(slice, piece.at() + done);
    }
  }
}
