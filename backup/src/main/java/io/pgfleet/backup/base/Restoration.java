package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Manifest.PackedFile;
import io.pgfleet.backup.base.Unpacking.Piece;
import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerUser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts the files of a chain of backups into an empty folder: those of the full backup, then onto
 * them, in place, what each incremental one has changed. So it takes the room of the data and no
 * more, and in memory a pack for each thread.
 *
 * @param threads that fetch; the changes are written by one, in their order
 */
public record Restoration(Archive archive, int threads) {
  private static final String LABEL = "backup_label";

  /** The server does not start with a label that says it belongs to an incremental backup. */
  private static final String LABEL_OF_INCREMENTAL = "INCREMENTAL FROM ";

  /**
   * Fills the folder.
   *
   * @param user who shall own the files
   * @throws BackupException if an object is missing or damaged, or the folder can't be written
   */
  public void into(
      Path folder, BackupChain chain, ServerUser user, Consumer<BackupProgress> progress) {
    List<Manifest> layers = chain.layers();
    long total = layers.stream().mapToLong(Manifest::bytes).sum();
    long began = System.nanoTime();
    long[] done = {0};
    Manifest full = layers.getFirst();
    new Unpacking(archive, threads)
        .into(
            folder,
            full,
            user,
            one -> progress.accept(new BackupProgress(one.bytes(), total, one.elapsed())));
    done[0] = full.bytes();
    for (Manifest layer : layers.subList(1, layers.size())) {
      overlay(
          folder,
          layer,
          user,
          bytes -> {
            done[0] += bytes;
            progress.accept(
                new BackupProgress(done[0], total, Duration.ofNanos(System.nanoTime() - began)));
          });
    }
    if (layers.size() > 1) {
      try {
        relabel(folder.resolve(LABEL), user);
      } catch (IOException e) {
        throw Unpacking.unwritable(folder, e);
      }
    }
  }

  /** Makes the label one of a full backup, which the folder now is. */
  private static void relabel(Path label, ServerUser user) throws IOException {
    if (Files.exists(label)) {
      String words =
          Files.readString(label)
              .lines()
              .filter(line -> !line.startsWith(LABEL_OF_INCREMENTAL))
              .map(line -> line + "\n")
              .collect(Collectors.joining());
      FileTrees.replace(label, words, user);
    }
  }

  private void overlay(Path folder, Manifest layer, ServerUser user, LongConsumer written) {
    List<List<Piece>> plan = Unpacking.plan(layer);
    Iterator<Integer> packs =
        IntStream.range(0, plan.size())
            .filter(pack -> !plan.get(pack).isEmpty())
            .boxed()
            .toList()
            .iterator();
    ExecutorService workers =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("overlay-", 0).factory());
    try (Target target = new Target(folder, layer, user)) {
      for (PackedFile file : layer.files()) {
        if (file.size() == 0) {
          target.begin(file);
          target.end();
        }
      }
      Deque<Fetched> ahead = new ArrayDeque<>();
      while (packs.hasNext() || !ahead.isEmpty()) {
        while (packs.hasNext() && ahead.size() < threads) {
          int pack = packs.next();
          ahead.add(new Fetched(pack, workers.submit(() -> Unpacking.pack(archive, layer, pack))));
        }
        Fetched next = ahead.remove();
        byte[] content = content(next.content());
        for (Piece piece : plan.get(next.pack())) {
          target.take(piece, content);
          written.accept(piece.length());
        }
      }
    } catch (IOException e) {
      throw Unpacking.unwritable(folder, e);
    } finally {
      workers.shutdownNow();
    }
  }

  private record Fetched(int pack, Future<byte[]> content) {}

  private static byte[] content(Future<byte[]> fetched) throws IOException {
    try {
      return fetched.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException why) {
        throw why;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** The file that is being written, of a backup's files one after the other. */
  private static final class Target implements AutoCloseable {
    private final Path folder;
    private final Manifest layer;
    private final ServerUser user;
    private @Nullable FileChannel open;
    private @Nullable ChangedBlocks changes;

    Target(Path folder, Manifest layer, ServerUser user) {
      this.folder = folder;
      this.layer = layer;
      this.user = user;
    }

    void take(Piece piece, byte[] content) throws IOException {
      if (piece.at() == 0) {
        begin(piece.file());
      }
      ChangedBlocks blocks = changes;
      FileChannel file = open;
      if (blocks != null) {
        blocks.take(content, piece.offset(), piece.length());
      } else if (file != null) {
        Unpacking.write(file, ByteBuffer.wrap(content, piece.offset(), piece.length()), piece);
      }
      if (piece.at() + piece.length() == piece.file().size()) {
        end();
      }
    }

    void begin(PackedFile file) throws IOException {
      Path path = Unpacking.inside(folder, BackupChain.plain(file.name()));
      if (!BackupChain.isChanges(file.name())) {
        open = FileTrees.createPrivateFile(path, user);
        return;
      }
      if (!Files.isRegularFile(path)) {
        throw new BackupException(
            Kind.DAMAGED,
            "Backup " + layer.id() + " has changes of " + path.getFileName() + ", which is absent.",
            "Restore another backup.");
      }
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      open = channel;
      changes = new ChangedBlocks(file.name(), file.size(), channel);
    }

    void end() throws IOException {
      if (changes != null) {
        changes.end();
      }
      close();
    }

    @Override
    public void close() throws IOException {
      FileChannel channel = open;
      open = null;
      changes = null;
      if (channel != null) {
        channel.close();
      }
    }
  }
}
