package io.pgfleet.gateway.topology;

import java.util.List;
import java.util.Optional;

/**
 * Where statements may go at one moment.
 *
 * @param primary of the highest known term, or nothing while there is none
 * @param standbys that follow the primary of the highest known term; whether one is near enough to
 *     it to be read from is found out by the gateway itself
 * @param coming the server that was elected and does not serve as primary yet; nothing is sent to
 *     it, but connections may be opened
 */
public record Topology(
    Optional<Primary> primary, List<Standby> standbys, Optional<Primary> coming) {
  /** Nothing is known yet. */
  public static final Topology NONE = of(Optional.empty());

  public Topology {
    standbys = List.copyOf(standbys);
  }

  /** Without one that is to come. */
  public Topology(Optional<Primary> primary, List<Standby> standbys) {
    this(primary, standbys, Optional.empty());
  }

  /** Only a primary, or nothing. */
  public static Topology of(Optional<Primary> primary) {
    return new Topology(primary, List.of());
  }

  /** Whether a server was elected and does not serve as primary yet. */
  public boolean isComing(Target target) {
    return coming.isPresent() && coming.get().equals(target);
  }

  /** Whether a server is still what it was. */
  public boolean has(Target target) {
    return switch (target) {
      case Primary other -> (primary.isPresent() && primary.get().equals(other)) || isComing(other);
      case Standby standby -> standbys.contains(standby);
    };
  }

  /** The standby on a node. */
  public Optional<Standby> standby(String node) {
    for (Standby standby : standbys) {
      if (standby.node().equals(node)) {
        return Optional.of(standby);
      }
    }
    return Optional.empty();
  }
}
