package io.pgfleet.gateway;

import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A connection to a server from the look-up of its name to the end of the login there. */
final class ServerOpening {
  private final EventLoop loop;
  private final ServerLink server;
  private final Target target;
  private final ServerLogin login;
  private InetSocketAddress address;

  ServerOpening(EventLoop loop, ServerLink server, Target target, Pool pool) {
    this.loop = loop;
    this.server = server;
    this.target = target;
    this.login = new ServerLogin(pool);
    this.address = InetSocketAddress.createUnresolved(target.host(), target.port());
  }

  /** Where it is connected to. */
  InetSocketAddress address() {
    return address;
  }

  ServerLogin login() {
    return login;
  }

  /** Begins to connect. Names are not resolved on the loop. */
  void connect() {
    Thread.ofVirtual()
        .start(() -> {
          var resolved = new InetSocketAddress(target.host(), target.port());
          loop.post(() -> connect(resolved));
        });
  }

  private void connect(InetSocketAddress resolved) {
    if (!server.usable()) {
      return;
    }
    address = resolved;
    try {
      server.plugged(Plug.connect(loop, resolved, server));
    } catch (IOException e) {
      server.lost(String.valueOf(e.getMessage()));
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

  /** Takes a message of the login. */
  void message(byte type, ByteBuffer body) {
    switch (login.take(type, body)) {
      case ServerLogin.Step.Send(byte[] message) -> server.send(message);
      case ServerLogin.Step.Wait() -> {
        // more will come
      }
      case ServerLogin.Step.Refused(var report) -> server.openFailed(report);
      case ServerLogin.Step.Done() -> {
        SessionParameters parameters = login.parameters();
        boolean recovers = parameters.get(SessionParameters.IN_HOT_STANDBY).equals("on");
        if (recovers == target instanceof Standby) {
          server.opened(parameters.with(SessionParameters.IN_HOT_STANDBY, "off"));
        } else {
          // whatever the fleet believes, this server is not what it is wanted for
          server.openFailed(null);
        }
      }
    }
  }
}
