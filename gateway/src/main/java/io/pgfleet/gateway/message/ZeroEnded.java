package io.pgfleet.gateway.message;

import java.nio.ByteBuffer;

/** Text that ends with a zero byte (PostgreSQL manual, 'Message Data Types'). */
public final class ZeroEnded {
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGHS = 0x8080_8080_8080_8080L;

  private ZeroEnded() {}

  /**
   * Where the text that begins at {@code from} has its zero.
   *
   * @throws ProtocolViolation if it has none before {@code end}
   */
  public static int end(ByteBuffer source, int from, int end) throws ProtocolViolation {
    int at = from;
    while (at + Long.BYTES <= end && !hasZero(source.getLong(at))) {
      at += Long.BYTES;
    }
    while (at < end && source.get(at) != 0) {
      at++;
    }
    if (at >= end) {
      throw new ProtocolViolation("invalid string in message");
    }
    return at;
  }

  /** Only a byte of zero borrows for its highest bit without having had it set. */
  private static boolean hasZero(long bytes) {
    return (bytes - ONES & ~bytes & HIGHS) != 0;
  }
}
