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
 */
public record Operations(
    Optional<Versioned<Pause>> pause,
    Map<NodeName, Versioned<RestartOrder>> restarts,
    Optional<Versioned<ScheduledMove>> scheduled,
    Optional<Versioned<ServerSettings>> settings) {
  /** Nothing was asked. */
  public static final Operations NONE =
      new Operations(Optional.empty(), Map.of(), Optional.empty(), Optional.empty());

  public Operations {
    restarts = Map.copyOf(restarts);
  }
}
