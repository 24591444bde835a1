package io.pgfleet.chaos.stage;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Copies a server's log while it grows. A server that is made anew loses its log with its data
 * folder, and what it says there is evidence.
 */
public final class LogKeeper implements AutoCloseable {
  private static final int PAUSE_MILLIS = 100;
  private static final int CHUNK = 1 << 16;

  private final Path source;
  private final Path copy;
  private final Thread thread;
  private @Nullable Object identity;
  private @Nullable RandomAccessFile open;
  private long position;
  private volatile boolean ending;

  /** Begins. */
  LogKeeper(String node, Path source, Path copy) {
    this.source = source;
    this.copy = copy;
    this.thread = Thread.ofPlatform().daemon().name("log-" + node).start(this::live);
  }

  private void live() {
    boolean last = false;
    while (!last) {
      last = ending;
      try (OutputStream out =
          Files.newOutputStream(copy, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        follow(out);
      } catch (IOException ignored) {
        // the server's folder is just being made or removed; the next look finds what comes then
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** The old file is read to its end, also after it was removed, before the new one is. */
  private void follow(OutputStream out) throws IOException {
    RandomAccessFile current = open;
    if (current != null) {
      drain(current, out);
    }
    Object now = Files.readAttributes(source, "unix:ino").get("ino");
    if (!Objects.equals(now, identity)) {
      if (current != null) {
        drain(current, out);
        current.close();
      }
      open = new RandomAccessFile(source.toFile(), "r");
      identity = now;
      position = 0;
      drain(Objects.requireNonNull(open), out);
    }
  }

  private void drain(RandomAccessFile file, OutputStream out) throws IOException {
    byte[] chunk = new byte[CHUNK];
    file.seek(position);
    for (int n = file.read(chunk); n > 0; n = file.read(chunk)) {
      out.write(chunk, 0, n);
      position += n;
    }
  }

  /** All that the server has written since the beginning. */
  public List<String> lines() throws IOException {
    // A line may hold bytes that are no UTF-8, so none is refused.
    return Files.exists(copy)
        ? new String(Files.readAllBytes(copy), StandardCharsets.ISO_8859_1).lines().toList()
        : List.of();
  }

  @Override
  public void close() {
    ending = true;
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
