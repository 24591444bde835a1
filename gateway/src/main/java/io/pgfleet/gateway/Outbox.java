package io.pgfleet.gateway;

import io.pgfleet.gateway.poll.Transport;
import io.pgfleet.gateway.tls.TlsSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The way out of a connection: keeps bytes only while the socket takes no more. */
final class Outbox {
  /** Written at once from the heap; the JDK keeps a direct buffer of the largest size it saw. */
  private static final int SLICE = 64 << 10;

  private Transport socket;

  /** What the socket is to get: records of TLS, if it speaks that. */
  private @Nullable ByteBuffer pending;

  private @Nullable TlsSession tls;

  Outbox(Transport socket) {
    this.socket = socket;
  }

  /** The socket is watched by another loop now. */
  void moved(Transport to) {
    socket = to;
  }

  /** Nothing waits for the socket. */
  boolean isEmpty() {
    return pending == null;
  }

  int size() {
    ByteBuffer waiting = pending;
    return waiting == null ? 0 : waiting.remaining();
  }

  /** Writes all of the source, or keeps a copy of what the socket does not take. */
  void write(ByteBuffer source) throws IOException {
    TlsSession session = tls;
    if (session == null) {
      writeRaw(source);
    } else {
      while (source.hasRemaining()) {
        writeRaw(session.seal(source));
      }
    }
  }

  /** From now on bytes are encrypted. */
  void secure(TlsSession session) {
    tls = session;
  }

  /** The same for bytes that go to the socket as they are. */
  void writeRaw(ByteBuffer source) throws IOException {
    if (pending == null) {
      socket.write(source);
      if (!source.hasRemaining()) {
        return;
      }
    }
    keep(source);
  }

  void write(byte[] message) throws IOException {
    write(ByteBuffer.wrap(message));
  }

  private void keep(ByteBuffer source) {
    ByteBuffer old = pending;
    if (old == null) {
      pending = ByteBuffer.allocate(source.remaining()).put(source).flip();
      return;
    }
    if (old.capacity() - old.limit() >= source.remaining()) {
      int position = old.position();
      int end = old.limit();
      old.limit(old.capacity()).position(end);
      old.put(source).flip().position(position);
      return;
    }
    int needed = old.remaining() + source.remaining();
    pending = ByteBuffer.allocate(needed + needed / 2).put(old).put(source).flip();
  }

  /** Writes what waits; true once nothing does. */
  boolean flush() throws IOException {
    ByteBuffer waiting = pending;
    while (waiting != null) {
      int end = waiting.limit();
      waiting.limit(Math.min(end, waiting.position() + SLICE));
      int written = socket.write(waiting);
      boolean all = !waiting.hasRemaining();
      waiting.limit(end);
      if (!waiting.hasRemaining()) {
        pending = null;
        return true;
      }
      if (!all || written == 0) {
        return false;
      }
    }
    return true;
  }
}
