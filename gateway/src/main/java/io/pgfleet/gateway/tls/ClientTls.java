package io.pgfleet.gateway.tls;

import io.pgfleet.wire.scram.EndPoint;
import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** TLS for clients as its files were when they were read. Safe from any thread. */
public final class ClientTls {
  /** The name of PostgreSQL's protocol in ALPN; a client that begins with TLS must give it. */
  public static final String ALPN = "postgresql";

  private final ClientTlsSettings settings;
  private final SSLContext context;
  private final Optional<EndPoint> endPoint;

  private ClientTls(ClientTlsSettings settings, SSLContext context, Optional<EndPoint> endPoint) {
    this.settings = settings;
    this.context = context;
    this.endPoint = endPoint;
  }

  /**
   * Reads the files; empty if TLS is off.
   *
   * @throws IOException if one is of no use; the message says which and why
   */
  public static Optional<ClientTls> load(ClientTlsSettings settings) throws IOException {
    if (settings.mode() == TlsMode.DISABLE) {
      return Optional.empty();
    }
    TlsContexts.Identity identity =
        TlsContexts.Identity.read(
            settings.certificate().orElseThrow(), settings.key().orElseThrow());
    TrustManager[] trust =
        settings.authorities().isPresent()
            ? TlsContexts.trust(settings.authorities())
            : new TrustManager[] {new TrustAll()};
    return Optional.of(
        new ClientTls(
            settings,
            TlsContexts.context(Optional.of(identity), trust),
            EndPoint.of(identity.chain().getFirst())));
  }

  /** Whether a client without TLS is refused. */
  public boolean required() {
    return settings.mode().required();
  }

  /** What clients can bind their logins to. */
  public Optional<EndPoint> endPoint() {
    return endPoint;
  }

  /** A session of a client that is about to begin its handshake. */
  public TlsSession session(TlsBuffers buffers) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(settings.oldest().protocols());
    parameters.setApplicationProtocols(new String[] {ALPN});
    if (settings.mode().verifies()) {
      parameters.setNeedClientAuth(true);
    } else if (settings.authorities().isPresent()) {
      parameters.setWantClientAuth(true);
    }
    engine.setSSLParameters(parameters);
    return new TlsSession(engine, buffers, endPoint);
  }
}
