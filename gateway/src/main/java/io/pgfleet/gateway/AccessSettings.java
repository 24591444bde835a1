package io.pgfleet.gateway;

import io.pgfleet.gateway.auth.AuthSettings;
import io.pgfleet.gateway.tls.ClientTlsSettings;
import io.pgfleet.gateway.tls.ServerTlsSettings;
import io.pgfleet.gateway.transport.KeepAlive;
import io.pgfleet.gateway.transport.Networks;
import io.pgfleet.gateway.transport.UnixSocketSettings;
import java.util.Optional;

/**
 * How clients reach the gateway and prove who they are, and how it reaches servers.
 *
 * @param unixSocket where to listen besides TCP
 * @param proxies networks whose connections begin with a PROXY protocol header; others may not send
 *     one
 */
public record AccessSettings(
    ClientTlsSettings clientTls,
    ServerTlsSettings serverTls,
    AuthSettings auth,
    Optional<UnixSocketSettings> unixSocket,
    Networks proxies,
    KeepAlive keepAlive) {
  /** SCRAM over TCP, TLS to servers that offer it. */
  public static final AccessSettings DEFAULT =
      new AccessSettings(
          ClientTlsSettings.OFF,
          ServerTlsSettings.PREFERRED,
          AuthSettings.DEFAULT,
          Optional.empty(),
          Networks.NONE,
          KeepAlive.SYSTEM);

  /** The same with TLS for clients. */
  public AccessSettings withClientTls(ClientTlsSettings tls) {
    return new AccessSettings(tls, serverTls, auth, unixSocket, proxies, keepAlive);
  }

  /** The same with another TLS to servers. */
  public AccessSettings withServerTls(ServerTlsSettings tls) {
    return new AccessSettings(clientTls, tls, auth, unixSocket, proxies, keepAlive);
  }

  /** The same with other rules for logins. */
  public AccessSettings withAuth(AuthSettings rules) {
    return new AccessSettings(clientTls, serverTls, rules, unixSocket, proxies, keepAlive);
  }

  /** The same with a Unix-domain socket. */
  public AccessSettings withUnixSocket(UnixSocketSettings socket) {
    return withUnixSocket(Optional.of(socket));
  }

  /** The same with a Unix-domain socket, or none. */
  AccessSettings withUnixSocket(Optional<UnixSocketSettings> socket) {
    return new AccessSettings(clientTls, serverTls, auth, socket, proxies, keepAlive);
  }

  /** The same with networks of proxies that send the PROXY protocol. */
  public AccessSettings withProxies(Networks networks) {
    return new AccessSettings(clientTls, serverTls, auth, unixSocket, networks, keepAlive);
  }

  /** The same with other TCP keepalive. */
  public AccessSettings withKeepAlive(KeepAlive other) {
    return new AccessSettings(clientTls, serverTls, auth, unixSocket, proxies, other);
  }
}
