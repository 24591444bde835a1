package io.pgfleet.wire.client;

import io.pgfleet.wire.Protocol.Frontend;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Sends the data of a COPY FROM STDIN on a thread of its own, while the connection's thread reads
 * what the server says. On one thread both sides could wait for each other: a trigger that raises a
 * notice for each row fills our side's buffers while we fill the server's.
 */
final class CopyInFeeder {
  private static final int CHUNK = 64 * 1024;

  private final InputStream source;
  private final MessageWriter writer;
  private final Thread thread;
  private volatile boolean abandoned;
  private volatile @Nullable Throwable failure;

  private CopyInFeeder(InputStream source, MessageWriter writer) {
    this.source = source;
    this.writer = writer;
    this.thread = Thread.ofVirtual().name("copy-in").unstarted(this::feed);
  }

  static CopyInFeeder start(InputStream source, MessageWriter writer) {
    CopyInFeeder feeder = new CopyInFeeder(source, writer);
    feeder.thread.start();
    return feeder;
  }

  /** Sends nothing more than the chunk under way: the server has ended the COPY. */
  void abandon() {
    abandoned = true;
  }

  /**
   * Waits until the writer is free again.
   *
   * @throws IOException what the source failed with, unless the feeder was abandoned
   */
  void await() throws IOException {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a COPY was sending");
    }
  }

  /** What the source failed with, if it did. */
  @Nullable Throwable failure() {
    return failure;
  }

  private void feed() {
    try {
      byte[] chunk = new byte[CHUNK];
      while (!abandoned) {
        int count = read(chunk);
        if (abandoned || failure != null) {
          return;
        }
        if (count < 0) {
          writer.begin(Frontend.COPY_DONE).end().flush();
          return;
        }
        writer.begin(Frontend.COPY_DATA).bytes(chunk, count).end().flush();
      }
    } catch (IOException e) {
      // The link is dead; the thread that reads from it finds that out by itself.
      abandoned = true;
    }
  }

  private int read(byte[] chunk) throws IOException {
    try {
      return source.read(chunk);
    } catch (IOException | RuntimeException e) {
      failure = e;
      if (!abandoned) {
        String reason = "the source of the data failed: " + e.getMessage();
        writer.begin(Frontend.COPY_FAIL).text(reason.replace('\0', '?')).end().flush();
      }
      return -1;
    }
  }
}
