package io.pgfleet.gateway;

import io.pgfleet.gateway.topology.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A connection to a server from the look-up of its name to the end of the login there. */
final class ServerOpening {
  private final EventLoop loop;
  private final ServerLink server;
  private final ServerSession session;
  private final Target target;
  private final ServerLogin login;

  ServerOpening(EventLoop loop, ServerLink server, ServerSession session) {
    this.loop = loop;
    this.server = server;
    this.session = session;
    this.target = session.target;
    this.login = session.login;
  }

  /**
   * Begins to connect: by the Unix-domain socket, if the server is on this machine and listens
   * there. Names are not resolved on the loop.
   */
  void connect() {
    if (target.socket().isPresent()) {
      loop.defer(() -> connect(UnixDomainSocketAddress.of(target.socket().get())));
    } else {
      connectByNetwork();
    }
  }

  private void connectByNetwork() {
    Thread.ofVirtual()
        .start(() -> {
          var resolved = new InetSocketAddress(target.host(), target.port());
          loop.post(() -> connect(resolved));
        });
  }

  private void connect(SocketAddress address) {
    if (!server.usable()) {
      return;
    }
    session.address = address;
    try {
      server.plug = Plug.connect(loop, address, server);
    } catch (IOException e) {
      if (address instanceof UnixDomainSocketAddress) {
        connectByNetwork();
      } else {
        server.lost(String.valueOf(e.getMessage()));
      }
    }
  }

  /** The connection is there; true once the login has begun. */
  boolean connected(Plug plug) throws IOException {
    plug.connected();
    return greet(plug, login.approach(loop, plug, target));
  }

  /** Takes what comes before the login; true once that has begun. */
  boolean approached(Plug plug, ByteBuffer bytes) throws IOException {
    return greet(plug, login.approached(bytes));
  }

  private static boolean greet(Plug plug, byte @Nullable [] startup) throws IOException {
    if (startup != null && !plug.send(startup)) {
      throw new IOException("the server does not take what is sent to it");
    }
    return startup != null;
  }

  /** Gives up on a server that does not answer. */
  void tick() {
    if (server.isOpening()
        && loop.now() - session.openedAt > loop.fleet.settings.connectTimeout().toNanos()) {
      server.lost("the server did not answer in time");
    }
  }

  /** Takes a message of the login. */
  void message(byte type, ByteBuffer body) {
    switch (login.take(type, body)) {
      case ServerLogin.Step.Send(byte[] message) -> server.send(message);
      case ServerLogin.Step.Wait() -> {
        // more will come
      }
      case ServerLogin.Step.Refused(var report) -> server.openFailed(report);
      case ServerLogin.Step.Done() -> {
        if (session.begins(loop)) {
          server.opened();
        } else {
          // whatever the fleet believes, this server is not what it is wanted for
          server.openFailed(null);
        }
      }
    }
  }
}
