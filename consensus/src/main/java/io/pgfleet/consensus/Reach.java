package io.pgfleet.consensus;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.apache.zookeeper.common.X509Exception;
import org.jspecify.annotations.Nullable;

/**
 * Why servers can't be reached, told for each: ZooKeeper's client knows, but only tries again, and
 * tells nobody. Asked after no session was opened; changes nothing on the servers.
 */
public final class Reach {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Optional<TlsFiles> tls;

  private Reach(Optional<TlsFiles> tls) {
    this.tls = tls;
  }

  /** One clause for each server: its address, and what it does. Takes a few seconds at most. */
  public static List<String> explain(AgreementSettings settings) {
    Reach reach = new Reach(settings.tls());
    List<CompletableFuture<String>> told = new ArrayList<>();
    for (InetSocketAddress server :
        new ConnectStringParser(settings.servers()).getServerAddresses()) {
      told.add(
          CompletableFuture.supplyAsync(
              () -> server.getHostString() + ":" + server.getPort() + " " + reach.ask(server),
              task -> Thread.ofVirtual().start(task)));
    }
    return told.stream().map(CompletableFuture::join).toList();
  }

  private String ask(InetSocketAddress named) {
    InetSocketAddress server = new InetSocketAddress(named.getHostString(), named.getPort());
    if (server.isUnresolved()) {
      return "has a name that is not found here";
    }
    try (Socket socket = new Socket()) {
      socket.connect(server, Math.toIntExact(PATIENCE.toMillis()));
      socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
      return tls.isPresent() ? overTls(socket, server) : inClear(socket, server);
    } catch (UnknownHostException e) {
      return "has a name that is not found here";
    } catch (SocketTimeoutException e) {
      return "does not answer";
    } catch (IOException e) {
      return "takes no connection (" + e.getMessage() + ")";
    }
  }

  private String overTls(Socket socket, InetSocketAddress server) {
    try (SSLSocket secured = secured(socket, server, context(tls))) {
      SSLParameters verified = secured.getSSLParameters();
      verified.setEndpointIdentificationAlgorithm("HTTPS");
      secured.setSSLParameters(verified);
      secured.startHandshake();
      return afterHandshake(secured);
    } catch (SSLException e) {
      return refusal(e);
    } catch (X509Exception e) {
      return "was not asked: the certificate, key or authority for it can't be used ("
          + root(e)
          + ")";
    } catch (SocketTimeoutException e) {
      return "does not answer a TLS handshake: its secureClientPort may be another";
    } catch (IOException | GeneralSecurityException e) {
      return "breaks off the TLS handshake: its secureClientPort may be another";
    }
  }

  /** In TLS 1.3 a server looks at our certificate after the handshake has ended for us. */
  private static String afterHandshake(SSLSocket secured) throws IOException {
    try {
      InputStream in = secured.getInputStream();
      return in.read() < 0
          ? "closes connections, though TLS fits: it may be starting, or lack a majority"
          : "speaks another protocol than ZooKeeper's";
    } catch (SocketTimeoutException e) {
      return "takes connections, and TLS fits, but opens no session: it may lack a majority";
    }
  }

  private static String refusal(SSLException refused) {
    @Nullable Throwable cause = refused;
    while (cause != null) {
      if (cause instanceof CertificateException) {
        return "shows a certificate that is not believed (" + root(refused) + ")";
      }
      if (cause instanceof EOFException) {
        return "breaks off the TLS handshake: its secureClientPort may be another";
      }
      cause = cause.getCause();
    }
    String said = String.valueOf(refused.getMessage());
    return said.startsWith("Unsupported or unrecognized")
        ? "does not speak TLS on this port"
        : "refuses our certificate, or our kind of TLS (" + said + ")";
  }

  /** Whether a server that opened no session in clear text wants TLS. */
  private static String inClear(Socket socket, InetSocketAddress server) {
    try (SSLSocket probe = secured(socket, server, SSLContext.getDefault())) {
      probe.startHandshake();
      return "speaks TLS on this port: add tls to consensus in fleet.yaml";
    } catch (SSLException e) {
      return refusal(e).startsWith("shows a certificate")
          ? "speaks TLS on this port: add tls to consensus in fleet.yaml"
          : "takes connections, but opens no session: it may be starting, or lack a majority";
    } catch (IOException | GeneralSecurityException e) {
      return "takes connections, but opens no session: it may be starting, or lack a majority";
    }
  }

  private static SSLContext context(Optional<TlsFiles> tls) throws X509Exception {
    ZKClientConfig config = new ZKClientConfig();
    tls.orElseThrow().properties("zookeeper.ssl.").forEach(config::setProperty);
    try (ClientX509Util util = new ClientX509Util()) {
      return util.createSSLContext(config);
    }
  }

  private static SSLSocket secured(Socket socket, InetSocketAddress server, SSLContext context)
      throws IOException, GeneralSecurityException {
    return (SSLSocket)
        context
            .getSocketFactory()
            .createSocket(socket, server.getHostString(), server.getPort(), true);
  }

  private static String root(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
