package io.pgfleet.gateway;

import io.pgfleet.gateway.tls.ServerTls;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.gateway.tls.TlsSession;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.scram.EndPoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes to a server, up to where a StartupMessage or a CancelRequest may follow: whether
 * it speaks TLS, and the handshake if so (PostgreSQL manual, 'SSL Session Encryption').
 */
final class ServerApproach {
  private final EventLoop loop;
  private final Plug plug;
  private final ServerTls tls;
  private final String host;
  private final int port;
  private @Nullable TlsSession session;
  private boolean ready;

  ServerApproach(EventLoop loop, Plug plug, String host, int port) {
    this.loop = loop;
    this.plug = plug;
    this.tls = loop.fleet.access.current().serverTls();
    this.host = host;
    this.port = port;
  }

  /** Begins, once connected; true if the server may be talked to at once. */
  boolean begin() throws IOException {
    if (tls.mode() == TlsMode.DISABLE || plug.address().isEmpty()) {
      // on a Unix-domain socket there is no TLS, and nobody in between
      ready = true;
    } else {
      ByteBuffer request = ByteBuffer.allocate(8).putInt(8).putInt(Protocol.SSL_REQUEST).flip();
      plug.outbox().write(request);
    }
    return ready;
  }

  /**
   * Takes what has come, perhaps nothing but the end of the handshake; true once the server may be
   * talked to.
   *
   * @throws SSLException if the server does not do what is asked of it; another try would not help
   */
  boolean received(ByteBuffer bytes) throws IOException {
    TlsSession begun = session;
    if (begun != null) {
      ready = begun.established();
    } else if (!ready && bytes.hasRemaining()) {
      answered(bytes.get(), bytes.hasRemaining());
    }
    return ready;
  }

  private void answered(byte answer, boolean more) throws IOException {
    if (answer == 'S' && !more) {
      TlsSession begun = tls.session(loop.tlsBuffers, host, port);
      session = begun;
      plug.secure(begun);
      begun.begin(plug::sendRecords);
    } else if (answer == 'N' && !more && !tls.mode().required()) {
      ready = true;
    } else if (answer == 'N' && !more) {
      throw new SSLException("it does not speak TLS, which is required of servers");
    } else {
      // also bytes that somebody has put in before the handshake
      throw new SSLException("it answered the request for TLS with something else");
    }
  }

  /** What a login can be bound to. */
  Optional<EndPoint> endPoint() {
    TlsSession begun = session;
    return begun == null ? Optional.empty() : begun.endPoint();
  }
}
