package io.pgfleet.bench.engine.forward;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A client's end on NIO. */
final class NioClient implements NioLoop.End {
  private static final int LARGEST_STARTUP = 10_000;

  private final NioLoop loop;
  private final SocketChannel channel;
  private final Framer framer = Framer.ofClient();
  private final ByteBuffer startup = ByteBuffer.allocate(LARGEST_STARTUP);
  private @Nullable NioTls tls;
  private @Nullable NioServer server;
  private byte[] held = {};
  private boolean welcomed;
  private boolean waits;
  private int unanswered;

  NioClient(NioLoop loop, SocketChannel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  @Override
  public void ready(SelectionKey key) throws IOException {
    ByteBuffer bytes = loop.buffer.clear();
    if (tls != null) {
      // One read may bring several records, and a record may bring nothing yet.
      if (tls.read(bytes)) {
        throw new IOException("the client closed the connection");
      }
    } else if (channel.read(bytes) < 0) {
      throw new IOException("the client closed the connection");
    }
    bytes.flip();
    if (bytes.hasRemaining()) {
      take(bytes);
    }
  }

  private void take(ByteBuffer bytes) throws IOException {
    if (!welcomed) {
      begin(bytes);
      return;
    }
    if (unanswered == 0 && framer.isAtEnd(bytes)) {
      throw new IOException("the client leaves");
    }
    framer.take(bytes);
    unanswered += framer.counted();
    NioServer to = server;
    if (to == null && !waits) {
      to = loop.lending.borrow(this);
      server = to;
      if (to != null) {
        to.lend(this);
      }
    }
    if (to != null) {
      to.write(bytes);
    } else {
      waits = true;
      hold(bytes);
    }
  }

  private void hold(ByteBuffer bytes) {
    byte[] more = new byte[held.length + bytes.remaining()];
    System.arraycopy(held, 0, more, 0, held.length);
    bytes.get(more, held.length, bytes.remaining());
    held = more;
  }

  /** SSLRequest or the start-up packet, which may come in parts. */
  private void begin(ByteBuffer bytes) throws IOException {
    startup.put(bytes);
    if (startup.position() < Greeting.SSL_REQUEST_LENGTH
        || startup.position() < startup.getInt(0)) {
      return;
    }
    boolean request = startup.getInt(4) == Greeting.SSL_REQUEST;
    startup.clear();
    if (request) {
      write(ByteBuffer.wrap(new byte[] {'S'}));
      tls = new NioTls(channel, loop.tls);
    } else {
      welcomed = true;
      write(ByteBuffer.wrap(Greeting.bytes()));
    }
  }

  /** Sends all of it. These clients read their answers, so the wait is short. */
  private void write(ByteBuffer bytes) throws IOException {
    if (tls != null) {
      tls.write(bytes);
      return;
    }
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** A server came free for it. */
  void serve(NioServer free) {
    waits = false;
    server = free;
    free.lend(this);
    try {
      free.write(ByteBuffer.wrap(held));
    } catch (IOException e) {
      throw new IllegalStateException("the server is gone", e);
    }
    held = new byte[0];
  }

  /** Takes an answer; the server is its own again only if nothing is owed any more. */
  boolean answer(ByteBuffer bytes, int ready, byte status) throws IOException {
    unanswered -= ready;
    if (channel.isOpen()) {
      write(bytes);
    }
    boolean done = ready > 0 && status == 'I' && unanswered == 0 && framer.isBetweenMessages();
    if (done) {
      server = null;
    }
    return done;
  }

  @Override
  public void lost(SelectionKey key) {
    key.cancel();
    loop.lending.forget(this);
    try {
      channel.close();
    } catch (IOException ignored) {
      // it is gone either way
    }
    if (server != null && unanswered == 0) {
      server.release();
    }
    server = null;
  }
}
