package io.pgfleet.gateway;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The way into a connection. Bytes are read into the loop's shared buffer; those that can't be used
 * yet (part of a message, requests of a client that waits) are kept here till the next read.
 */
final class Inbox {
  private static final int GROWTH = 32 << 10;

  private @Nullable ByteBuffer kept;

  /** The kept bytes, between position and limit; null if there are none. */
  @Nullable ByteBuffer kept() {
    return kept;
  }

  int size() {
    ByteBuffer bytes = kept;
    return bytes == null ? 0 : bytes.remaining();
  }

  /**
   * Reads once.
   *
   * @return kept bytes and new ones, to be given back to {@link #keep}; null at the end of input
   */
  @Nullable ByteBuffer read(Plug plug, ByteBuffer shared) throws IOException {
    ByteBuffer bytes = kept;
    if (bytes == null || bytes.remaining() <= shared.capacity() / 2) {
      shared.clear();
      if (bytes != null) {
        shared.put(bytes.duplicate());
      }
      int count = plug.read(shared);
      if (count < 0) {
        return null;
      }
      shared.flip();
      return shared;
    }
    int free = bytes.capacity() - bytes.limit();
    if (free < GROWTH) {
      int capacity = bytes.remaining() + Math.max(GROWTH, bytes.remaining() / 2);
      bytes = ByteBuffer.allocate(capacity).put(bytes).flip();
      kept = bytes;
    }
    int position = bytes.position();
    int end = bytes.limit();
    bytes.position(end).limit(Math.min(bytes.capacity(), end + GROWTH));
    int count = plug.read(bytes);
    bytes.limit(bytes.position()).position(position);
    return count < 0 ? null : bytes;
  }

  /** Keeps what the source still has. */
  @SuppressWarnings("ReferenceEquality") // the same buffer, not one with equal bytes
  void keep(ByteBuffer source) {
    ByteBuffer old = kept;
    if (source == old) {
      if (!source.hasRemaining()) {
        kept = null;
      }
      return;
    }
    int size = source.remaining();
    if (size == 0) {
      kept = null;
    } else if (old != null && old.capacity() >= size) {
      old.clear().put(source).flip();
    } else {
      kept = ByteBuffer.allocate(Math.max(256, size + size / 4)).put(source).flip();
    }
  }

  /** Puts bytes before those that are kept. */
  void putBack(byte[] bytes) {
    ByteBuffer old = kept;
    int after = old == null ? 0 : old.remaining();
    ByteBuffer all = ByteBuffer.allocate(Math.max(256, bytes.length + after)).put(bytes);
    if (old != null) {
      all.put(old);
    }
    kept = all.flip();
  }

  /** Forgets the kept bytes. */
  void clear() {
    kept = null;
  }
}
