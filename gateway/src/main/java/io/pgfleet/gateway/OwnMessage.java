package io.pgfleet.gateway;

import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.wire.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A server's message that is for the gateway itself: of its login, or of its own statements. */
record OwnMessage(byte type, ByteBuffer body) {
  private static final int MAX_LENGTH = 256 << 10;

  /** Takes the next message from the buffer; null if it is not all there. */
  static @Nullable OwnMessage next(ByteBuffer bytes) throws ProtocolViolation {
    if (bytes.remaining() < Protocol.HEADER_SIZE) {
      return null;
    }
    int start = bytes.position();
    int length = bytes.getInt(start + 1);
    if (length < 4 || length > MAX_LENGTH) {
      throw new ProtocolViolation("the server sent a message of " + length + " bytes");
    }
    if (bytes.remaining() <= length) {
      return null;
    }
    bytes.position(start + 1 + length);
    return new OwnMessage(bytes.get(start), bytes.slice(start + Protocol.HEADER_SIZE, length - 4));
  }
}
