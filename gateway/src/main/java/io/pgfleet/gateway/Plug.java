package io.pgfleet.gateway;

import io.pgfleet.gateway.poll.Watched;
import io.pgfleet.gateway.tls.TlsSession;
import io.pgfleet.gateway.transport.Tuning;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * A socket as its loop sees it: what it is asked about, its way in and its way out. Bytes pass as
 * they are, or through TLS from {@link #secure} on; the latter may have bytes to give when the
 * socket has none, and has tasks that run elsewhere while the socket rests.
 */
final class Plug {
  private EventLoop loop;
  private final SocketChannel channel;
  private Watched watched;
  private Endpoint endpoint;
  private final Outbox outbox;
  private @Nullable TlsSession tls;

  /** A task of the handshake runs; {@link #wanted} is what will be asked for after it. */
  private boolean resting;

  private int wanted;
  private boolean againSoon;
  private @Nullable InetSocketAddress behindProxy;

  Plug(EventLoop loop, SocketChannel channel, Watched watched, Endpoint endpoint) {
    this.loop = loop;
    this.channel = channel;
    this.watched = watched;
    this.endpoint = endpoint;
    this.outbox = new Outbox(watched);
  }

  /** Begins to connect for the endpoint, which is told once the connection is there or failed. */
  static Plug connect(EventLoop loop, SocketAddress address, Endpoint endpoint) throws IOException {
    SocketChannel channel =
        address instanceof UnixDomainSocketAddress
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open();
    Watched watched = null;
    try {
      channel.configureBlocking(false);
      Tuning.apply(channel, loop.fleet.access.current().settings().keepAlive());
      watched = loop.register(channel, SelectionKey.OP_CONNECT, endpoint);
      Plug plug = new Plug(loop, channel, watched, endpoint);
      if (channel.connect(address)) {
        loop.defer(() -> endpoint.ready(SelectionKey.OP_CONNECT));
      }
      return plug;
    } catch (IOException | RuntimeException e) {
      if (watched != null) {
        watched.cancel();
      }
      channel.close();
      throw new IOException(e.toString(), e);
    }
  }

  /** Goes on from connecting to reading. */
  void connected() throws IOException {
    channel.finishConnect();
    watched.interest(SelectionKey.OP_READ);
  }

  /** Leaves its loop; {@link #attach} follows on another. */
  void detach() {
    watched.cancel();
  }

  /** Comes to a loop, to be read from. */
  void attach(EventLoop other, Endpoint there) throws IOException {
    loop = other;
    endpoint = there;
    watched = other.register(channel, SelectionKey.OP_READ, there);
    outbox.moved(watched);
  }

  /** Reads once; as of a channel, -1 is the end of input. */
  int read(ByteBuffer into) throws IOException {
    TlsSession session = tls;
    return session == null ? watched.read(into) : read(session, into);
  }

  private int read(TlsSession session, ByteBuffer into) throws IOException {
    if (resting) {
      return 0;
    }
    int count = session.read(watched, into, this::sendRecords);
    Runnable task = session.task();
    if (task != null) {
      rest(session, task);
    } else if (session.readable()) {
      readAgain();
    }
    return count;
  }

  /** From now on bytes pass through TLS. Nothing may wait to be sent. */
  void secure(TlsSession session) {
    tls = session;
    outbox.secure(session);
    // the session may have been fed
    readAgain();
  }

  @Nullable TlsSession tls() {
    return tls;
  }

  /** Sends records of the handshake. */
  void sendRecords(ByteBuffer records) throws IOException {
    outbox.writeRaw(records);
    if (!outbox.isEmpty()) {
      want(SelectionKey.OP_WRITE, true);
    }
  }

  /** Runs the handshake's tasks off the loop, and reads on after them. */
  private void rest(TlsSession session, Runnable first) {
    wanted = watched.interest();
    resting = true;
    watched.interest(wanted & ~SelectionKey.OP_READ);
    loop.fleet.handshakes.execute(() -> {
      for (Runnable task = first; task != null; task = session.task()) {
        task.run();
      }
      loop.post(this::rested);
    });
  }

  private void rested() {
    resting = false;
    if (watched.valid()) {
      watched.interest(wanted);
      notifyEndpoint();
    }
  }

  /** Comes back for bytes that are decrypted or to be decrypted without the socket. */
  private void readAgain() {
    if (!againSoon) {
      againSoon = true;
      loop.defer(() -> {
        againSoon = false;
        if (watched.valid() && (watched.interest() & SelectionKey.OP_READ) != 0) {
          notifyEndpoint();
        }
      });
    }
  }

  private void notifyEndpoint() {
    endpoint.ready(SelectionKey.OP_READ);
  }

  SocketChannel channel() {
    return channel;
  }

  /** Who is at the other end, for people to read. */
  String peer() {
    return address().map(InetSocketAddress::toString).orElse("[local]");
  }

  /** The address at the other end, behind a proxy if there is one; empty on a Unix socket. */
  Optional<InetSocketAddress> address() {
    if (behindProxy != null) {
      return Optional.of(behindProxy);
    }
    try {
      return channel.getRemoteAddress() instanceof InetSocketAddress remote
          ? Optional.of(remote)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A trusted proxy has said who is behind it. */
  void behindProxy(InetSocketAddress client) {
    behindProxy = client;
  }

  /** The system's user at the other end of a Unix-domain socket. */
  Optional<String> systemUser() {
    try {
      return Optional.of(channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName());
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  void close() {
    TlsSession session = tls;
    if (session != null && outbox.isEmpty()) {
      session.close(this::sendRecords);
    }
    watched.cancel();
    EventLoop.closeQuietly(channel);
  }

  Outbox outbox() {
    return outbox;
  }

  /** Asks, or asks no more, to be told when the socket can do something. */
  void want(int operation, boolean on) {
    if (!watched.valid()) {
      return;
    }
    if (resting) {
      wanted = on ? wanted | operation : wanted & ~operation;
      watched.interest(wanted & ~SelectionKey.OP_READ);
      return;
    }
    int before = watched.interest();
    int after = on ? before | operation : before & ~operation;
    if (after != before) {
      watched.interest(after);
      TlsSession session = tls;
      if (session != null && on && operation == SelectionKey.OP_READ && session.readable()) {
        readAgain();
      }
    }
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
