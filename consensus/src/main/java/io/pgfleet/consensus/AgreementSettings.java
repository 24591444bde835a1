package io.pgfleet.consensus;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the agreed state is, and how to take part.
 *
 * @param servers ZooKeeper's connect string without a path: {@code host:port[,host:port...]}
 * @param root the fleet's own tree on these servers: an absolute path such as {@code /pgfleet}
 * @param secret known to the processes of the fleet only; what it creates nobody else may read or
 *     write. Should be random with 128 bits or more, for the servers keep a SHA-1 of it
 * @param sessionTimeout the time after which a silent session ends; the servers keep it between 2
 *     and 20 of their ticks, {@link Session#timeout} tells the result. The proof of {@link
 *     Session#remaining} asks for at least 4 ticks where servers are an ensemble
 * @param callLimit the time within which every call ends
 * @param soleOwner whether the servers serve nobody else, so that nobody else may create anything
 *     on them, not even beside {@code root}
 * @param inOrder whether the servers are tried in their order, the first one again after each loss,
 *     rather than in any
 * @param tls with it the servers must speak TLS and show a certificate of the fleet's authority
 */
public record AgreementSettings(
    String servers,
    String root,
    String secret,
    Duration sessionTimeout,
    Duration callLimit,
    boolean soleOwner,
    boolean inOrder,
    Optional<TlsFiles> tls) {
  /** Checks what can be checked without the servers. */
  public AgreementSettings {
    Objects.requireNonNull(servers);
    if (servers.isBlank() || servers.indexOf('/') >= 0) {
      throw new IllegalArgumentException("not host:port[,host:port...]: " + servers);
    }
    if (!root.matches("(/[A-Za-z0-9._-]+)+")) {
      throw new IllegalArgumentException("not an absolute path such as /pgfleet: " + root);
    }
    if (secret.isBlank()) {
      throw new IllegalArgumentException("the secret is empty");
    }
    if (sessionTimeout.toMillis() < 500 || sessionTimeout.toMillis() > 600_000) {
      throw new IllegalArgumentException("not between 0.5 s and 10 min: " + sessionTimeout);
    }
    if (!callLimit.isPositive()) {
      throw new IllegalArgumentException("calls need time: " + callLimit);
    }
  }

  /**
   * The tree {@code /pgfleet} on servers of the fleet's own; calls end within a session timeout.
   */
  public static AgreementSettings ownServers(
      String servers, String secret, Duration sessionTimeout) {
    return new AgreementSettings(
        servers, "/pgfleet", secret, sessionTimeout, sessionTimeout, true, false, Optional.empty());
  }

  /** A tree of a fleet's own on servers that serve others, too. */
  public static AgreementSettings sharedServers(
      String servers, String root, String secret, Duration sessionTimeout) {
    return new AgreementSettings(
        servers, root, secret, sessionTimeout, sessionTimeout, false, false, Optional.empty());
  }

  /** The same with another bound on calls. */
  public AgreementSettings withCallLimit(Duration limit) {
    return new AgreementSettings(
        servers, root, secret, sessionTimeout, limit, soleOwner, inOrder, tls);
  }

  /** The same over TLS, if its files are given. */
  public AgreementSettings withTls(Optional<TlsFiles> files) {
    return new AgreementSettings(
        servers, root, secret, sessionTimeout, callLimit, soleOwner, inOrder, files);
  }

  /** The same with one of the servers before the others. */
  public AgreementSettings withFirst(String server) {
    List<String> all = List.of(servers.split(","));
    if (!all.contains(server)) {
      throw new IllegalArgumentException(server + " is none of " + servers);
    }
    String ordered =
        Stream.concat(Stream.of(server), all.stream().filter(other -> !other.equals(server)))
            .collect(Collectors.joining(","));
    return new AgreementSettings(
        ordered, root, secret, sessionTimeout, callLimit, soleOwner, true, tls);
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return servers + root + " (session timeout " + sessionTimeout + ")";
  }
}
