package io.pgfleet.gateway;

import io.pgfleet.gateway.poll.Transport;
import io.pgfleet.gateway.poll.Watched;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A socket as its loop sees it: what it is asked about, and its way out. */
final class Plug {
  private final SocketChannel channel;
  private final Watched watched;
  private final Outbox outbox;

  Plug(SocketChannel channel, Watched watched) {
    this.channel = channel;
    this.watched = watched;
    this.outbox = new Outbox(watched);
  }

  /** Begins to connect for the endpoint, which is told once the connection is there or failed. */
  static Plug connect(EventLoop loop, InetSocketAddress address, Endpoint endpoint)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      Plug plug = new Plug(channel, loop.register(channel, SelectionKey.OP_CONNECT, endpoint));
      if (channel.connect(address)) {
        loop.defer(() -> endpoint.ready(SelectionKey.OP_CONNECT));
      }
      return plug;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw new IOException(e.toString(), e);
    }
  }

  /** Goes on from connecting to reading. */
  void connected() throws IOException {
    channel.finishConnect();
    watched.interest(SelectionKey.OP_READ);
  }

  SocketChannel channel() {
    return channel;
  }

  /** Who is at the other end, for people to read. */
  String peer() {
    try {
      return String.valueOf(channel.getRemoteAddress());
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** What bytes come and go by. */
  Transport transport() {
    return watched;
  }

  void close() {
    watched.cancel();
    EventLoop.closeQuietly(channel);
  }

  Outbox outbox() {
    return outbox;
  }

  /** Asks, or asks no more, to be told when the socket can do something. */
  void want(int operation, boolean on) {
    int before = watched.interest();
    watched.interest(on ? before | operation : before & ~operation);
  }

  /** Sends a message of the gateway's own; false if the socket is broken. */
  boolean send(byte[] message) {
    try {
      outbox.write(message);
      if (!outbox.isEmpty()) {
        want(SelectionKey.OP_WRITE, true);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
