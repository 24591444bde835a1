package io.pgfleet.agent.server;

import io.pgfleet.postgres.ServerTls;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Encryption;
import io.pgfleet.wire.client.VerifiedTls;
import java.time.Duration;
import java.util.Optional;

/**
 * How those who look after a node's server speak to it, on its host or from another of the fleet.
 *
 * @param password of the superuser
 * @param tls the files of the host that speaks; with them the server is verified
 */
public record ServerAccess(NodeSpec node, String password, Optional<ServerTls> tls) {
  static final Duration CONNECT = Duration.ofSeconds(2);
  static final Duration ANSWER = Duration.ofSeconds(5);

  /** A session as the superuser; every wait in it is bounded. */
  ConnectSettings session() {
    return ConnectSettings.of(
            node.address().host(), node.address().port(), "postgres", Accounts.SUPERUSER)
        .withPassword(password)
        .withParameter("application_name", "pgfleet agent")
        .withEncryption(encryption())
        .withTimeouts(CONNECT, ANSWER);
  }

  Optional<Encryption> encryption() {
    return tls.map(files -> VerifiedTls.of(files.certificate(), files.key(), files.authority()));
  }

  @Override
  public String toString() {
    return "ServerAccess[" + node.name() + " at " + node.address() + "]";
  }
}
