package io.pgfleet.bench.engine.forward;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;

/** One thread with its clients and its servers. */
final class NioLoop implements Runnable {
  private static final int BUFFER = 1 << 16;

  final Lending<NioClient, NioServer> lending = new Lending<>();
  final SSLContext tls;

  /** What a read brought; nobody keeps it beyond the turn. */
  final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

  private final Selector selector;
  private final Queue<SocketChannel> arrived = new ConcurrentLinkedQueue<>();

  NioLoop(SSLContext tls) throws IOException {
    this.tls = tls;
    this.selector = Selector.open();
  }

  /** An end that a selector knows. */
  interface End {
    void ready(SelectionKey key) throws IOException;

    void lost(SelectionKey key);
  }

  void addServer(SocketChannel channel) throws IOException {
    NioServer server = new NioServer(this, channel);
    channel.register(selector, SelectionKey.OP_READ, server);
    server.release();
  }

  /** This loop takes new clients for all, in turn. */
  void listen(ServerSocketChannel listener, List<NioLoop> loops) throws IOException {
    listener.register(selector, SelectionKey.OP_ACCEPT, new Acceptor(listener, loops));
  }

  private static final class Acceptor implements End {
    private final ServerSocketChannel listener;
    private final List<NioLoop> loops;
    private int next;

    Acceptor(ServerSocketChannel listener, List<NioLoop> loops) {
      this.listener = listener;
      this.loops = loops;
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
      SocketChannel channel = listener.accept();
      while (channel != null) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        NioLoop loop = loops.get(next++ % loops.size());
        loop.arrived.add(channel);
        loop.selector.wakeup();
        channel = listener.accept();
      }
    }

    @Override
    public void lost(SelectionKey key) {
      key.cancel();
    }
  }

  @Override
  public void run() {
    try {
      while (selector.isOpen()) {
        selector.select(this::turn);
        SocketChannel channel = arrived.poll();
        while (channel != null) {
          channel.register(selector, SelectionKey.OP_READ, new NioClient(this, channel));
          channel = arrived.poll();
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (ClosedSelectorException ignored) {
      // it was stopped
    }
  }

  private void turn(SelectionKey key) {
    End end = (End) key.attachment();
    try {
      end.ready(key);
    } catch (IOException | IllegalStateException e) {
      end.lost(key);
    }
  }

  void stop() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
