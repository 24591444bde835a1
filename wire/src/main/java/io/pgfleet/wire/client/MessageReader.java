package io.pgfleet.wire.client;

import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.Protocol.Backend;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Cuts the server's bytes into messages. A type that no server sends, or a length out of bounds, is
 * refused before the body is read; a long body gets memory only as fast as its bytes arrive.
 */
final class MessageReader {
  private static final int USUAL_SIZE = 32 * 1024;

  /**
   * Bytes kept between messages at most. A walsender's messages are a little longer than {@link
   * #USUAL_SIZE}, and come by the thousand; the JDK reads no more than this at once.
   */
  private static final int MOST_KEPT = 128 * 1024;

  /**
   * Bound on messages that carry no user data; a longer one means that the stream is out of step.
   */
  static final int SHORT_LENGTH = 64 * 1024;

  private final InputStream in;
  private final int maxLength;
  private byte[] buffer = new byte[USUAL_SIZE];
  private int position;
  private int limit;
  private byte type;
  private ByteBuffer body = ByteBuffer.allocate(0);

  MessageReader(InputStream in, int maxLength) {
    this.in = in;
    this.maxLength = maxLength;
  }

  /** Waits for the next message and returns its type. */
  byte next() throws IOException {
    if (position == limit) {
      position = 0;
      limit = 0;
      if (buffer.length > MOST_KEPT) {
        buffer = new byte[USUAL_SIZE];
      }
    }
    require(Protocol.HEADER_SIZE);
    byte nextType = buffer[position];
    int length = ByteBuffer.wrap(buffer, position + 1, Integer.BYTES).getInt();
    int bound = bound(nextType);
    if (bound == 0) {
      throw new ProtocolException("the server sent a message of unknown type " + name(nextType));
    }
    if (length < Integer.BYTES || length > bound) {
      throw new ProtocolException(
          "the server sent a message "
              + name(nextType)
              + " of "
              + Integer.toUnsignedString(length)
              + " bytes; at most "
              + bound
              + " are accepted");
    }
    require(length + 1);
    type = nextType;
    body = ByteBuffer.wrap(buffer, position + Protocol.HEADER_SIZE, length - Integer.BYTES).slice();
    position += length + 1;
    return type;
  }

  /** The body of the last message, valid until the next one. */
  Body body() {
    return new Body(type, body);
  }

  /** Whether bytes wait that {@link #next} could take without waiting for the network. */
  boolean hasBuffered() throws IOException {
    return position < limit || in.available() > 0;
  }

  private int bound(byte messageType) {
    return switch (messageType) {
      case Backend.COPY_DATA,
          Backend.DATA_ROW,
          Backend.ERROR_RESPONSE,
          Backend.NOTICE_RESPONSE,
          Backend.NOTIFICATION_RESPONSE,
          Backend.PARAMETER_DESCRIPTION,
          Backend.ROW_DESCRIPTION,
          Backend.FUNCTION_CALL_RESPONSE ->
          maxLength;
      case Backend.AUTHENTICATION,
          Backend.BACKEND_KEY_DATA,
          Backend.BIND_COMPLETE,
          Backend.CLOSE_COMPLETE,
          Backend.COMMAND_COMPLETE,
          Backend.COPY_BOTH_RESPONSE,
          Backend.COPY_DONE,
          Backend.COPY_IN_RESPONSE,
          Backend.COPY_OUT_RESPONSE,
          Backend.EMPTY_QUERY_RESPONSE,
          Backend.NEGOTIATE_PROTOCOL_VERSION,
          Backend.NO_DATA,
          Backend.PARAMETER_STATUS,
          Backend.PARSE_COMPLETE,
          Backend.PORTAL_SUSPENDED,
          Backend.READY_FOR_QUERY ->
          Math.min(SHORT_LENGTH, maxLength);
      default -> 0;
    };
  }

  private void require(int bytes) throws IOException {
    while (limit - position < bytes) {
      if (buffer.length - position < bytes) {
        makeRoom(bytes);
      }
      int count = in.read(buffer, limit, buffer.length - limit);
      if (count < 0) {
        throw new EOFException("the server closed the connection");
      }
      limit += count;
    }
  }

  private void makeRoom(int wanted) {
    int held = limit - position;
    // A long body doubles the buffer only once half of it is filled: a lying length costs nothing.
    if (buffer.length < wanted && held >= buffer.length / 2) {
      long length = Math.max(MOST_KEPT, Math.min(wanted, 2L * buffer.length));
      byte[] larger = new byte[(int) length];
      System.arraycopy(buffer, position, larger, 0, held);
      buffer = larger;
    } else if (position > 0) {
      System.arraycopy(buffer, position, buffer, 0, held);
    }
    position = 0;
    limit = held;
  }

  /** A type byte as an error names it. */
  static String name(byte messageType) {
    int code = messageType & 0xFF;
    return code > ' ' && code < 0x7F ? "'" + (char) code + "'" : "0x%02x".formatted(code);
  }
}
