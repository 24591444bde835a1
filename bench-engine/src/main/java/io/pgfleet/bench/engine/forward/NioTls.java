package io.pgfleet.bench.engine.forward;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** TLS of the JDK over a channel that does not block, as its server. */
final class NioTls {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel channel;
  private final SSLEngine engine;
  private final ByteBuffer in;
  private final ByteBuffer out;

  NioTls(SocketChannel channel, SSLContext context) throws IOException {
    this.channel = channel;
    this.engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    engine.beginHandshake();
    int size = engine.getSession().getPacketBufferSize();
    this.in = ByteBuffer.allocateDirect(2 * size);
    this.out = ByteBuffer.allocateDirect(size);
  }

  /**
   * Reads what has come, and answers what belongs to the handshake.
   *
   * @param plain gets the bytes of the client
   * @return whether the client is gone
   */
  boolean read(ByteBuffer plain) throws IOException {
    if (channel.read(in) < 0) {
      return true;
    }
    in.flip();
    boolean more = true;
    while (more) {
      HandshakeStatus status = engine.getHandshakeStatus();
      switch (status) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> write(NOTHING);
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN, NOT_HANDSHAKING, FINISHED -> {
          SSLEngineResult result = engine.unwrap(in, plain);
          switch (result.getStatus()) {
            case CLOSED -> {
              return true;
            }
            case BUFFER_UNDERFLOW, BUFFER_OVERFLOW -> more = false;
            case OK -> {
              boolean idle = result.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
              more = in.hasRemaining() || !idle;
            }
          }
        }
      }
    }
    in.compact();
    return false;
  }

  private void runTasks() {
    Runnable task = engine.getDelegatedTask();
    while (task != null) {
      task.run();
      task = engine.getDelegatedTask();
    }
  }

  /** Sends all of it. */
  void write(ByteBuffer plain) throws IOException {
    do {
      out.clear();
      engine.wrap(plain, out);
      out.flip();
      while (out.hasRemaining()) {
        channel.write(out);
      }
    } while (plain.hasRemaining());
  }
}
