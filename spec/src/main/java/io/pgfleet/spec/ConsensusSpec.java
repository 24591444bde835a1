package io.pgfleet.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Where the fleet's agreed state is kept, and how long a primary's lease lives without renewal. */
public record ConsensusSpec(Servers servers, Duration lease) {
  /** Who keeps the agreed state. */
  public sealed interface Servers {
    /** The servers as ZooKeeper's connect string has them: {@code host:port[,host:port...]}. */
    String connect();
  }

  /** One server, within the program that runs the whole fleet on one machine. */
  public record Alone(HostPort address) implements Servers {
    @Override
    public String connect() {
      return address.toString();
    }
  }

  /** Agents on hosts of their own: 1, 3 or 5. */
  public record Ensemble(List<ConsensusMember> members) implements Servers {
    /** Checks their number. */
    public Ensemble {
      members = List.copyOf(members);
      if (members.size() % 2 == 0 || members.size() > ConsensusRules.MOST_MEMBERS) {
        throw new IllegalArgumentException("1, 3 or 5 members, not " + members.size());
      }
    }

    /** The member of a node's or witness's name. */
    public Optional<ConsensusMember> member(NodeName name) {
      return members.stream().filter(member -> member.name().equals(name)).findFirst();
    }

    @Override
    public String connect() {
      return members.stream()
          .map(member -> member.address().toString())
          .collect(Collectors.joining(","));
    }
  }

  /**
   * Servers that the user runs.
   *
   * @param tls how they are spoken to; in clear text without
   */
  public record External(String connect, Optional<Tls> tls) implements Servers {}

  /**
   * TLS to servers that the user runs, which must show a certificate that names them.
   *
   * @param authority the authorities that are believed, PEM; the fleet's own if absent
   * @param identity what is shown to them; the host's certificate of the fleet if absent
   */
  public record Tls(Optional<Path> authority, Optional<Identity> identity) {}

  /** A certificate and its private key, PEM. */
  public record Identity(Path certificate, Path key) {}

  /** Checks that a lease lasts. */
  public ConsensusSpec {
    if (!lease.isPositive()) {
      throw new IllegalArgumentException("a lease lasts for some time");
    }
  }
}
