package io.pgfleet.agent.peers;

import io.pgfleet.postgres.ServerTls;
import io.pgfleet.wire.client.VerifiedTls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How agents know each other: by the fleet's shared secret, and on several hosts by certificates of
 * the fleet's authority on both sides as well.
 *
 * @param secret never sent in clear text between hosts
 * @param tls the files of this host
 */
public record PeerAccess(String secret, Optional<ServerTls> tls) {
  static final String HEADER = "Authorization";
  private static final String SCHEME = "Bearer ";

  String credentials() {
    return SCHEME + secret;
  }

  /** Compares in a time that does not tell how much was right. */
  boolean admits(@Nullable String given) {
    return given != null
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), credentials().getBytes(StandardCharsets.UTF_8));
  }

  /** From the files as they are now. */
  Optional<SSLContext> context() throws IOException {
    return tls.isEmpty()
        ? Optional.empty()
        : Optional.of(
            VerifiedTls.context(tls.get().certificate(), tls.get().key(), tls.get().authority()));
  }

  /** Says nothing of the secret. */
  @Override
  public String toString() {
    return tls.isPresent() ? "with certificates" : "without TLS";
  }
}
