package io.pgfleet.gateway.message;

import io.pgfleet.wire.Protocol;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a client may send first (PostgreSQL manual, 'Start-up' and 'Message Formats'). */
public sealed interface StartupPacket {
  /** SSLRequest. */
  record TlsRequest() implements StartupPacket {}

  /** GSSENCRequest. */
  record GssRequest() implements StartupPacket {}

  /** CancelRequest with the number and the key that BackendKeyData gave. */
  record CancelRequest(int process, byte[] key) implements StartupPacket {}

  /** The longest key of protocol 3.2, in bytes. */
  int LONGEST_CANCEL_KEY = 256;

  /**
   * StartupMessage.
   *
   * @param version as it came, 3.x
   * @param parameters by name, protocol options (_pq_.) left out
   * @param protocolOptions the names of those, none of which is known here
   */
  record Startup(int version, Map<String, String> parameters, List<String> protocolOptions)
      implements StartupPacket {
    public Startup {
      parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
      protocolOptions = List.copyOf(protocolOptions);
    }
  }

  /** Bytes needed before the length of the packet is known. */
  int LENGTH_SIZE = 4;

  /**
   * The length of the packet at the buffer's position.
   *
   * @throws ProtocolViolation if no packet has it
   */
  static int length(ByteBuffer source) throws ProtocolViolation {
    int length = source.getInt(source.position());
    if (length < 8 || length > Protocol.MAX_STARTUP_LENGTH) {
      throw new ProtocolViolation("invalid length of startup packet");
    }
    return length;
  }

  /**
   * Reads a packet whose bytes are all there, and moves the buffer past it.
   *
   * @throws ProtocolViolation if it is none of those known
   */
  static StartupPacket read(ByteBuffer source) throws ProtocolViolation {
    int end = source.position() + length(source);
    source.getInt();
    int code = source.getInt();
    ByteBuffer body = source.slice(source.position(), end - source.position());
    source.position(end);
    return switch (code) {
      case Protocol.SSL_REQUEST -> new TlsRequest();
      case Protocol.GSSENC_REQUEST -> new GssRequest();
      case Protocol.CANCEL_REQUEST -> cancel(body);
      default -> startup(code, body);
    };
  }

  private static CancelRequest cancel(ByteBuffer body) throws ProtocolViolation {
    if (body.remaining() < 8 || body.remaining() > 4 + LONGEST_CANCEL_KEY) {
      throw new ProtocolViolation("invalid length of cancel request");
    }
    int process = body.getInt();
    byte[] key = new byte[body.remaining()];
    body.get(key);
    return new CancelRequest(process, key);
  }

  private static Startup startup(int version, ByteBuffer body) throws ProtocolViolation {
    if (version >>> 16 != 3) {
      throw new ProtocolViolation(
          "unsupported frontend protocol "
              + (version >>> 16)
              + "."
              + (version & 0xFFFF)
              + ": server supports 3.0 to 3.2");
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    List<String> options = new ArrayList<>();
    while (true) {
      String name = text(body);
      if (name.isEmpty()) {
        break;
      }
      String value = text(body);
      if (name.startsWith("_pq_.")) {
        options.add(name);
      } else {
        parameters.put(name, value);
      }
    }
    if (body.hasRemaining()) {
      throw new ProtocolViolation(
          "invalid startup packet layout: expected terminator as last byte");
    }
    return new Startup(version, parameters, options);
  }

  /** Reads a text and the zero byte that ends it. */
  static String text(ByteBuffer source) throws ProtocolViolation {
    for (int i = source.position(); i < source.limit(); i++) {
      if (source.get(i) == 0) {
        byte[] bytes = new byte[i - source.position()];
        source.get(bytes).get();
        return new String(bytes, StandardCharsets.UTF_8);
      }
    }
    throw new ProtocolViolation("a text without its closing zero byte");
  }
}
