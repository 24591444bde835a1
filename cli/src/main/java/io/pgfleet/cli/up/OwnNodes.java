package io.pgfleet.cli.up;

import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Nodes that come and go in the program that runs all of a fleet on one machine. */
final class OwnNodes implements NodeRequests.Hands {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);

  private final Fleet fleet;
  private final Folders folders;
  private final LocalNodes local;

  OwnNodes(Fleet fleet, Folders folders, LocalNodes local) {
    this.fleet = fleet;
    this.folders = folders;
    this.local = local;
  }

  @Override
  public void prepare(FleetSpec spec, NodeSpec node) {
    if (local.has(node.name())) {
      return;
    }
    NodePlace place = place(spec, node.name()).orElseThrow();
    if (!place.server().status().isAlive()) {
      Ports.checkFree(List.of(node.address().host()), node.address().port());
    }
    NodeChecks.checkPorts(List.of(place));
  }

  @Override
  public boolean has(NodeName node) {
    return local.has(node);
  }

  @Override
  public boolean start(NodeSpec node) {
    if (!local.has(node.name())) {
      local.take(place(FleetChoice.spec(fleet.record()), node.name()).orElseThrow());
      local.start(node.name());
    }
    return true;
  }

  @Override
  public boolean release(NodeName node) {
    if (local.has(node)) {
      local.release(node);
    } else {
      // An earlier call has come as far as this.
      place(FleetChoice.spec(fleet.record()), node)
          .ifPresent(place -> place.server().stop(StopMode.FAST, STOP_PATIENCE));
    }
    return true;
  }

  /**
   * Where a node of a file is.
   *
   * @throws CommandFailure if a password or a program that it needs is missing
   */
  private Optional<NodePlace> place(FleetSpec spec, NodeName name) {
    return NodeSet.prepare(new Fleet(fleet.record(), spec), folders).places().stream()
        .filter(place -> place.node().name().equals(name))
        .findFirst();
  }
}
