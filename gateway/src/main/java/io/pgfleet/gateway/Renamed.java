package io.pgfleet.gateway;

import io.pgfleet.gateway.statement.StatementCatalog;
import io.pgfleet.wire.Protocol;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client's message with another name in it than the client gave. */
final class Renamed {
  /** A name that no server has: refers to nothing, as the client's did. */
  static final byte[] NOTHING = StatementCatalog.PREFIX.getBytes(StandardCharsets.US_ASCII);

  private Renamed() {}

  /**
   * Sends it.
   *
   * @param at where the message begins
   * @param name where the name begins that is left out
   * @param nameEnd where it ends
   * @param end where the part of the message ends that is there
   */
  static void put(
      Gather out, ByteBuffer source, int at, int name, int nameEnd, int end, byte[] newName) {
    out.put(source.get(at));
    out.putInt(source.getInt(at + 1) - (nameEnd - name) + newName.length);
    if (name > at + Protocol.HEADER_SIZE) {
      out.run(source, at + Protocol.HEADER_SIZE, name);
    }
    out.put(newName);
    out.run(source, nameEnd, end);
  }
}
