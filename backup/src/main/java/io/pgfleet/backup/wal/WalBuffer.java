package io.pgfleet.backup.wal;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.wire.Lsn;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What has been received and is not in the archive yet: two or three segments at most, 64 MB if
 * they are not larger than half of that; then the receiver waits. One thread adds, another takes;
 * only what was kept is dropped, so a put that fails is tried again with the same bytes. What the
 * archive held of the first segment is there from the beginning, and what the server sends of it
 * again is compared with it.
 */
final class WalBuffer {
  private static final int MOST_SEGMENTS = 3;

  /** One is put while the next one comes. */
  private static final int LEAST_SEGMENTS = 2;

  private static final int MOST_BYTES = 64 * 1024 * 1024;

  /** A segment that is being filled. */
  private static final class Filling {
    final SegmentName segment;
    final byte[] bytes;
    int filled;
    int kept;

    Filling(SegmentName segment) {
      this.segment = segment;
      this.bytes = new byte[segment.size()];
    }
  }

  private final Deque<Filling> segments = new ArrayDeque<>();
  private final int most;

  /** Where what the server sent ends, and where what is here does. */
  private Lsn received;

  private Lsn end;
  private boolean hurried;
  private boolean closed;

  /** One that begins at a segment's first byte, of which the archive has the first bytes. */
  WalBuffer(SegmentName first, byte[] held) {
    this.most = Math.clamp(MOST_BYTES / first.size(), LEAST_SEGMENTS, MOST_SEGMENTS);
    Filling filling = new Filling(first);
    System.arraycopy(held, 0, filling.bytes, 0, held.length);
    filling.filled = held.length;
    filling.kept = held.length;
    segments.add(filling);
    this.received = first.start();
    this.end = new Lsn(first.start().value() + held.length);
  }

  /**
   * Something to be put.
   *
   * @param offset of the bytes in the segment; 0 if it is whole
   * @param whole whether the bytes are the whole segment
   */
  record Taken(SegmentName segment, int offset, byte[] bytes, boolean whole) {
    /** The position behind it. */
    Lsn end() {
      return new Lsn(segment.start().value() + offset + bytes.length);
    }
  }

  /**
   * Adds what was received, after waiting for room.
   *
   * @throws ProtocolException if it does not begin where the last ended
   * @throws BackupException if the archive holds other bytes
   */
  synchronized void add(Lsn start, ByteBuffer bytes) throws IOException, InterruptedException {
    if (!start.equals(received)) {
      throw new ProtocolException("WAL from " + start + " came where " + received + " was due");
    }
    compare(bytes);
    while (bytes.hasRemaining()) {
      Filling last = segments.getLast();
      if (last.filled == last.bytes.length) {
        if (closed) {
          throw new IOException("WAL is no longer put into the archive");
        }
        if (segments.size() >= most) {
          notifyAll();
          wait();
        } else {
          segments.add(new Filling(last.segment.next()));
        }
        continue; // what is last may have changed meanwhile
      }
      int count = Math.min(bytes.remaining(), last.bytes.length - last.filled);
      bytes.get(last.bytes, last.filled, count);
      last.filled += count;
      end = new Lsn(end.value() + count);
      received = end;
    }
    notifyAll();
  }

  /** What the archive held already must be the same. */
  private void compare(ByteBuffer bytes) {
    int count = (int) Math.min(bytes.remaining(), end.minus(received));
    if (count == 0) {
      return;
    }
    Filling first = segments.getFirst();
    int at = (int) received.minus(first.segment.start());
    ByteBuffer held = ByteBuffer.wrap(first.bytes, at, count);
    if (!held.equals(bytes.slice(bytes.position(), count))) {
      throw new BackupException(
          Kind.SERVER,
          "The server's WAL in segment " + first.segment + " differs from what the archive has.",
          "Another server of the same origin has written to this repository on this timeline; give"
              + " one of them another repository.");
    }
    bytes.position(bytes.position() + count);
    received = new Lsn(received.value() + count);
  }

  /** Waits until there is something that is not kept, or the time is up. */
  synchronized void await(Duration limit) throws InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    while (!closed && segments.getFirst().kept == segments.getFirst().filled) {
      long left = (until - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  /** Waits until a segment is full, somebody is in a hurry, or the time is up. */
  synchronized void awaitFull(Duration limit) throws InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    Filling first = segments.getFirst();
    while (!closed && !hurried && first.filled < first.bytes.length) {
      long left = (until - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left);
    }
    hurried = false;
  }

  /** The server waits for word of what it has sent. */
  synchronized void hurry() {
    hurried = true;
    notifyAll();
  }

  /** What is to be put next; none if all is kept. It stays until {@link #kept} says so. */
  synchronized @Nullable Taken next() {
    Filling first = segments.getFirst();
    if (first.filled == first.bytes.length) {
      return new Taken(first.segment, 0, first.bytes, true);
    }
    return first.kept == first.filled
        ? null
        : new Taken(
            first.segment,
            first.kept,
            Arrays.copyOfRange(first.bytes, first.kept, first.filled),
            false);
  }

  /** What was taken is in the archive. */
  synchronized void kept(Taken taken) {
    Filling first = segments.getFirst();
    if (taken.whole()) {
      if (segments.size() == 1) {
        segments.add(new Filling(first.segment.next()));
      }
      segments.removeFirst();
    } else {
      first.kept = taken.offset() + taken.bytes().length;
    }
    notifyAll();
  }

  /** Where what was received ends. */
  synchronized Lsn end() {
    return end;
  }

  /** Lets whoever waits go on; whoever has more to add hears that nobody takes it. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
