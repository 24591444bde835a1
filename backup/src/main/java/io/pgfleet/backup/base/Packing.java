package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.Journal.Entry;
import io.pgfleet.backup.base.Manifest.PackedFile;
import io.pgfleet.postgres.backup.BackupSink;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Puts the files of a base backup into packs as they come. Packs are compressed, encrypted and put
 * by a few threads while the next one is filled, and the server waits while all buffers are full.
 * In memory are, for each thread, a pack and the object made of it, and the pack that is being
 * filled.
 *
 * <p>A large file begins a pack. So its packs are the same in the next backup if it is, whatever
 * the size of what came before; small files share packs.
 */
final class Packing implements BackupSink, AutoCloseable {
  /**
   * The content of a pack: large enough for a store of objects, small beside the memory. What is
   * read follows the manifest, so earlier backups may have others.
   */
  static final int PACK = 8 * 1024 * 1024;

  /** The server's own log is no part of its data. */
  private static final String LOGS = "log/";

  /** What says how the server is to start is decided where it is restored. */
  private static final Set<String> SIGNALS = Set.of("standby.signal", "recovery.signal");

  private final PackDesk desk;
  private final Outage outage;
  private final ExecutorService workers;

  /** What all buffers are in, so that their memory goes when the backup ends. */
  private final Arena memory = Arena.ofShared();

  private final BlockingQueue<ByteBuffer> free;

  /** One for each thread, so a thread always finds one. */
  private final BlockingQueue<Archive.Writer> writers;

  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Map<Integer, Entry> stored = new ConcurrentSkipListMap<>();
  private final List<String> folders = new ArrayList<>();
  private final List<PackedFile> files = new ArrayList<>();
  private final List<Integer> packs = new ArrayList<>();
  private ByteBuffer current;
  private long bytes;
  private boolean skipped;

  /**
   * A backup that begins.
   *
   * @param desk where packs are put
   * @param outage over which they are
   */
  Packing(Archive archive, PackDesk desk, Outage outage, int threads) {
    this.desk = desk;
    this.outage = outage;
    this.workers =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("pack-", 0).factory());
    this.free = new ArrayBlockingQueue<>(threads + 1);
    this.writers = new ArrayBlockingQueue<>(threads);
    for (int i = 0; i < threads; i++) {
      free.add(buffer());
      writers.add(archive.writer(PACK, memory));
    }
    this.current = buffer();
  }

  private ByteBuffer buffer() {
    return memory.allocate(PACK).asByteBuffer();
  }

  @Override
  public void folder(String name) {
    folders.add(name);
  }

  @Override
  public void file(String name, long size) throws IOException {
    skipped = name.startsWith(LOGS) || SIGNALS.contains(name);
    if (skipped) {
      return;
    }
    if (!current.hasRemaining() || (size >= PACK && current.position() > 0)) {
      send();
    }
    files.add(new PackedFile(name, size, packs.size(), current.position()));
  }

  @Override
  public void content(ByteBuffer content) throws IOException {
    if (skipped) {
      return;
    }
    bytes += content.remaining();
    while (content.hasRemaining()) {
      if (!current.hasRemaining()) {
        send();
      }
      int count = Math.min(current.remaining(), content.remaining());
      current.put(content.slice(content.position(), count));
      content.position(content.position() + count);
    }
  }

  @Override
  public void endFile() {
    // The next one begins where it ends.
  }

  private void send() throws IOException {
    int number = packs.size();
    ByteBuffer full = current.flip();
    packs.add(full.limit());
    workers.execute(() -> {
      try {
        put(number, full);
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
      } finally {
        free.add(full.clear());
      }
    });
    try {
      current = free.take();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    requireNoFailure();
  }

  private void put(int number, ByteBuffer content) {
    Archive.Writer writer = writers.remove();
    try {
      stored.put(number, desk.put(writer, number, content));
    } finally {
      writers.add(writer);
    }
  }

  private void requireNoFailure() {
    switch (failure.get()) {
      case null -> {}
      case RuntimeException why -> throw why;
      case Throwable why -> throw new IllegalStateException(why);
    }
  }

  static IOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IOException("the backup was interrupted", cause);
  }

  /** What was packed, once every pack is in the repository. */
  Packed end() throws IOException {
    if (current.position() > 0) {
      send();
    }
    workers.shutdown();
    try {
      while (!workers.awaitTermination(1, TimeUnit.SECONDS)) {
        requireNoFailure();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    requireNoFailure();
    return new Packed(folders, files, packs, bytes, List.copyOf(stored.values()));
  }

  /**
   * What was packed.
   *
   * @param bytes of the files
   * @param objects those of the packs, in the same order
   */
  record Packed(
      List<String> folders,
      List<PackedFile> files,
      List<Integer> packs,
      long bytes,
      List<Entry> objects) {
    /** Bytes of the packs in the repository. */
    long stored() {
      return objects.stream().mapToLong(Entry::bytes).sum();
    }

    List<String> checksums() {
      return objects.stream().map(Entry::checksum).toList();
    }

    List<String> names() {
      return objects.stream().map(Entry::object).toList();
    }
  }

  /** Returns when no pack is put any more, so that what was put can be deleted. */
  @Override
  public void close() {
    outage.close();
    workers.shutdownNow();
    boolean interrupted = false;
    while (!workers.isTerminated()) {
      try {
        workers.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    memory.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
