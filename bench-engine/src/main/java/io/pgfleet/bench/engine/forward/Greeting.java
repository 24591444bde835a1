package io.pgfleet.bench.engine.forward;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What a client is told that has sent its start-up packet: come in, without a password. */
final class Greeting {
  /** The length of an SSLRequest, and its code (PostgreSQL manual, 'Message Formats'). */
  static final int SSL_REQUEST_LENGTH = 8;

  static final int SSL_REQUEST = 80877103;

  private Greeting() {}

  static byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    put(out, 'R', ByteBuffer.allocate(4).putInt(0).array());
    put(out, 'S', text("server_version", "18.0"));
    put(out, 'S', text("client_encoding", "UTF8"));
    put(out, 'S', text("standard_conforming_strings", "on"));
    put(out, 'S', text("integer_datetimes", "on"));
    put(out, 'K', ByteBuffer.allocate(8).putInt(1).putInt(1).array());
    put(out, 'Z', new byte[] {'I'});
    return out.toByteArray();
  }

  private static byte[] text(String name, String value) {
    return (name + "\0" + value + "\0").getBytes(StandardCharsets.US_ASCII);
  }

  private static void put(ByteArrayOutputStream out, char type, byte[] body) {
    out.write(type);
    out.writeBytes(ByteBuffer.allocate(4).putInt(4 + body.length).array());
    out.writeBytes(body);
  }
}
