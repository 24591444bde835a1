package io.pgfleet.bench.engine.forward;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A server's end on NIO. */
final class NioServer implements NioLoop.End {
  private final NioLoop loop;
  private final SocketChannel channel;
  private final Framer framer = Framer.ofServer();
  private @Nullable NioClient client;

  NioServer(NioLoop loop, SocketChannel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  @Override
  public void ready(SelectionKey key) throws IOException {
    ByteBuffer bytes = loop.buffer.clear();
    if (channel.read(bytes) < 0) {
      throw new IOException("the server closed the connection");
    }
    bytes.flip();
    framer.take(bytes);
    NioClient to = client;
    if (to != null && to.answer(bytes, framer.counted(), framer.status())) {
      release();
    }
  }

  void lend(NioClient to) {
    client = to;
  }

  /** Sends all of it; a server reads what it is sent, so the wait is short. */
  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Free again: for whoever waits, or to rest. */
  void release() {
    client = null;
    NioClient next = loop.lending.giveBack(this);
    if (next != null) {
      next.serve(this);
    }
  }

  @Override
  public void lost(SelectionKey key) {
    key.cancel();
  }
}
