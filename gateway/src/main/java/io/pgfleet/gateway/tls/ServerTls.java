package io.pgfleet.gateway.tls;

import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** TLS to servers as its files were when they were read. Safe from any thread. */
public final class ServerTls {
  private final TlsMode mode;
  private final SSLContext context;

  private ServerTls(TlsMode mode, SSLContext context) {
    this.mode = mode;
    this.context = context;
  }

  /**
   * Reads the files.
   *
   * @throws IOException if one is of no use; the message says which and why
   */
  public static ServerTls load(ServerTlsSettings settings) throws IOException {
    Optional<TlsContexts.Identity> identity = Optional.empty();
    if (settings.certificate().isPresent() && settings.key().isPresent()) {
      identity =
          Optional.of(
              TlsContexts.Identity.read(settings.certificate().get(), settings.key().get()));
    }
    TrustManager[] trust =
        settings.mode().verifies()
            ? TlsContexts.trust(settings.authorities())
            : new TrustManager[] {new TrustAll()};
    return new ServerTls(settings.mode(), TlsContexts.context(identity, trust));
  }

  /** How much TLS is asked of servers. */
  public TlsMode mode() {
    return mode;
  }

  /** A session with a server that has agreed to TLS. */
  public TlsSession session(TlsBuffers buffers, String host, int port) {
    SSLEngine engine = context.createSSLEngine(host, port);
    engine.setUseClientMode(true);
    engine.setSSLParameters(adjusted(engine.getSSLParameters()));
    return new TlsSession(engine, buffers, Optional.empty());
  }

  /** The same over a blocking socket. */
  public SSLSocket wrap(java.net.Socket socket, String host, int port) throws IOException {
    if (context.getSocketFactory().createSocket(socket, host, port, true)
        instanceof SSLSocket wrapped) {
      wrapped.setUseClientMode(true);
      wrapped.setSSLParameters(adjusted(wrapped.getSSLParameters()));
      wrapped.startHandshake();
      return wrapped;
    }
    throw new IOException("the JDK made no TLS socket");
  }

  private SSLParameters adjusted(SSLParameters parameters) {
    if (mode == TlsMode.VERIFY_FULL) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    return parameters;
  }
}
