package io.pgfleet.gateway.auth;

import io.pgfleet.gateway.transport.Network;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A line of pg_hba.conf.
 *
 * @param line its number, for messages
 * @param addresses whom it is for; not used for {@link Kind#LOCAL}
 * @param map of user names, for {@code cert} and {@code peer}
 * @param clientCertificate what is asked of a client's certificate besides the method
 * @param wholeName compare the certificate's distinguished name, not its common name
 */
public record HbaRule(
    int line,
    Kind kind,
    List<Names> databases,
    List<Names> users,
    Addresses addresses,
    AuthMethod method,
    Optional<String> map,
    ClientCertificate clientCertificate,
    boolean wholeName) {
  /** The kind of connection. */
  public enum Kind {
    LOCAL,
    HOST,
    HOSTSSL,
    HOSTNOSSL
  }

  /** The option clientcert. */
  public enum ClientCertificate {
    NOT_ASKED,
    /** Verified by the handshake. */
    VERIFY_CA,
    /** And it names the user. */
    VERIFY_FULL
  }

  /** Client addresses. */
  sealed interface Addresses {
    /** All. */
    record Everywhere() implements Addresses {}

    /** Those of a network. */
    record Within(Network network) implements Addresses {}

    /** This host's own. */
    record SameHost() implements Addresses {}

    /** Those of networks that this host is on. */
    record SameNet() implements Addresses {}
  }

  public HbaRule {
    databases = List.copyOf(databases);
    users = List.copyOf(users);
  }

  boolean needsRoles() {
    return databases.stream().anyMatch(Names::needsRoles)
        || users.stream().anyMatch(Names::needsRoles);
  }

  /** Whether kind and address fit. */
  boolean fitsConnection(Attempt attempt, OwnAddresses own) {
    return switch (kind) {
      case LOCAL -> attempt.address().isEmpty();
      case HOST -> fitsAddress(attempt, own);
      case HOSTSSL -> attempt.encrypted() && fitsAddress(attempt, own);
      case HOSTNOSSL -> !attempt.encrypted() && fitsAddress(attempt, own);
    };
  }

  private boolean fitsAddress(Attempt attempt, OwnAddresses own) {
    if (attempt.address().isEmpty()) {
      return false;
    }
    InetAddress address = attempt.address().get();
    return switch (addresses) {
      case Addresses.Everywhere _ -> true;
      case Addresses.Within(Network network) -> network.contains(address);
      case Addresses.SameHost _ -> own.isOwn(address);
      case Addresses.SameNet _ -> own.isNear(address);
    };
  }

  boolean fitsNames(Attempt attempt, Set<String> roles) {
    return databases.stream()
            .anyMatch(names -> names.fits(attempt.database(), attempt.user(), roles))
        && users.stream().anyMatch(names -> names.fits(attempt.user(), attempt.user(), roles));
  }
}
