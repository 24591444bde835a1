package io.pgfleet.spec;

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

  /** Servers that the user runs. */
  public record External(String connect) implements Servers {}

  /** Checks that a lease lasts. */
  public ConsensusSpec {
    if (!lease.isPositive()) {
      throw new IllegalArgumentException("a lease lasts for some time");
    }
  }
}
