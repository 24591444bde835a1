package io.pgfleet.gateway.tls;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The room in which one event loop encrypts and decrypts, shared by all its connections; it is made
 * when the first of them speaks TLS. For the loop's thread alone.
 */
public final class TlsBuffers {
  /** Several records, so that one system call moves them. */
  private static final int SIZE = 72 << 10;

  private @Nullable ByteBuffer in;
  private @Nullable ByteBuffer out;

  ByteBuffer in() {
    ByteBuffer buffer = in;
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(SIZE);
      in = buffer;
    }
    return buffer.clear();
  }

  ByteBuffer out() {
    ByteBuffer buffer = out;
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(SIZE);
      out = buffer;
    }
    return buffer.clear();
  }
}
