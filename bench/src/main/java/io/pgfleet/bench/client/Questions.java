package io.pgfleet.bench.client;

import io.pgfleet.wire.Protocol;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Messages of a frontend. */
public final class Questions {
  private Questions() {}

  static byte[] message(byte type, byte[] body) {
    return ByteBuffer.allocate(Protocol.HEADER_SIZE + body.length)
        .put(type)
        .putInt(4 + body.length)
        .put(body)
        .array();
  }

  /** A simple query. */
  public static byte[] query(String sql) {
    return message(Protocol.Frontend.QUERY, (sql + "\0").getBytes(StandardCharsets.UTF_8));
  }
}
