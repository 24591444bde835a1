package io.pgfleet.consensus.group;

import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.spec.NodeName;
import java.util.Map;
import java.util.Optional;

/**
 * What operators have asked of a group and what stands.
 *
 * @param pause empty unless the group is under maintenance
 * @param restarts by the node to be restarted
 * @param scheduled a move for later
 * @param settings empty until some were accepted
 * @param changes of the group's nodes; empty until there were some
 */
public record Operations(
    Optional<Versioned<Pause>> pause,
    Map<NodeName, Versioned<RestartOrder>> restarts,
    Optional<Versioned<ScheduledMove>> scheduled,
    Optional<Versioned<ServerSettings>> settings,
    Optional<Versioned<NodeChanges>> changes) {
  /** Nothing was asked. */
  public static final Operations NONE =
      new Operations(
          Optional.empty(), Map.of(), Optional.empty(), Optional.empty(), Optional.empty());

  public Operations {
    restarts = Map.copyOf(restarts);
  }

  /** How the group's nodes differ from those of a file. */
  public NodeChanges nodes() {
    return changes.map(Versioned::value).orElse(NodeChanges.NONE);
  }
}
