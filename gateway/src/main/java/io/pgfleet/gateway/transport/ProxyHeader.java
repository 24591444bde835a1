package io.pgfleet.gateway.transport;

import io.pgfleet.gateway.message.ProtocolViolation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a proxy says first of the client behind it (HAProxy's 'The PROXY protocol', version 2).
 *
 * @param client its address; empty if the proxy speaks for itself, as in a health check
 */
public record ProxyHeader(Optional<InetSocketAddress> client) {
  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };
  private static final byte[] FIRST_VERSION = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final int FIXED = 16;
  private static final int VERSION = 0x20;
  private static final int LOCAL = 0x0;
  private static final int PROXY = 0x1;
  private static final int TCP4 = 0x11;
  private static final int TCP6 = 0x21;

  /** Addresses of Unix-domain sockets and further fields included. */
  private static final int LONGEST = 4096;

  /** Whether the bytes can be no other than those of a header, of either version. */
  public static boolean looksLikeOne(ByteBuffer source) {
    return agrees(source, SIGNATURE, SIGNATURE.length)
        || agrees(source, FIRST_VERSION, FIRST_VERSION.length);
  }

  /** Whether the bytes there are agree with a beginning, and are as many as needed at least. */
  private static boolean agrees(ByteBuffer source, byte[] beginning, int needed) {
    if (source.remaining() < needed) {
      return false;
    }
    for (int i = 0; i < Math.min(beginning.length, source.remaining()); i++) {
      if (source.get(source.position() + i) != beginning[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads a header and moves the buffer past it; empty if it has not come whole.
   *
   * @throws ProtocolViolation if the bytes are none of version 2
   */
  public static Optional<ProxyHeader> read(ByteBuffer source) throws ProtocolViolation {
    if (!agrees(source, SIGNATURE, 0)) {
      throw new ProtocolViolation(
          agrees(source, FIRST_VERSION, 1)
              ? "the proxy sends the PROXY protocol's version 1; set it to version 2"
                  + " (HAProxy: send-proxy-v2)"
              : "a connection from this proxy must begin with a header of the PROXY protocol's"
                  + " version 2, and this one does not");
    }
    if (source.remaining() < FIXED) {
      return Optional.empty();
    }
    int start = source.position();
    int versionAndCommand = source.get(start + 12) & 0xFF;
    int family = source.get(start + 13) & 0xFF;
    int length = source.getShort(start + 14) & 0xFFFF;
    if ((versionAndCommand & 0xF0) != VERSION || (versionAndCommand & 0x0F) > PROXY) {
      throw new ProtocolViolation("a header of the PROXY protocol with an unknown command");
    }
    if (length > LONGEST) {
      throw new ProtocolViolation("a header of the PROXY protocol that is too long");
    }
    if (source.remaining() < FIXED + length) {
      return Optional.empty();
    }
    ByteBuffer addresses = source.slice(start + FIXED, length);
    source.position(start + FIXED + length);
    if ((versionAndCommand & 0x0F) == LOCAL) {
      return Optional.of(new ProxyHeader(Optional.empty()));
    }
    return Optional.of(
        new ProxyHeader(
            switch (family) {
              case TCP4 -> Optional.of(address(addresses, 4));
              case TCP6 -> Optional.of(address(addresses, 16));
              default -> Optional.empty();
            }));
  }

  private static InetSocketAddress address(ByteBuffer fields, int size) throws ProtocolViolation {
    if (fields.remaining() < 2 * size + 4) {
      throw new ProtocolViolation("a header of the PROXY protocol without its addresses");
    }
    byte[] bytes = new byte[size];
    fields.get(0, bytes);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(bytes), fields.getShort(2 * size) & 0xFFFF);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + size + " bytes", e);
    }
  }
}
