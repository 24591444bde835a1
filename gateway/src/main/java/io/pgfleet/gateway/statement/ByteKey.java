package io.pgfleet.gateway.statement;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes as a map's key. One that is reused to look others up ({@link #set}) is never stored. */
public final class ByteKey {
  private byte[] bytes;
  private int length;
  private int hash;

  public ByteKey() {
    bytes = new byte[64];
  }

  private ByteKey(byte[] bytes) {
    this.bytes = bytes;
    this.length = bytes.length;
    this.hash = hashOf(bytes, length);
  }

  /** Takes bytes of the buffer, for a look-up. */
  public ByteKey set(ByteBuffer source, int from, int to) {
    length = to - from;
    if (bytes.length < length) {
      bytes = new byte[Integer.highestOneBit(length) * 2];
    }
    source.get(from, bytes, 0, length);
    hash = hashOf(bytes, length);
    return this;
  }

  /** Whether the bytes begin with others. */
  public boolean startsWith(byte[] beginning) {
    return length >= beginning.length
        && Arrays.equals(bytes, 0, beginning.length, beginning, 0, beginning.length);
  }

  /** A key of its own, for storing. */
  public ByteKey copy() {
    return new ByteKey(toBytes());
  }

  /** The bytes, copied. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private static int hashOf(byte[] bytes, int length) {
    int hash = 1;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ByteKey that
        && Arrays.equals(bytes, 0, length, that.bytes, 0, that.length);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
