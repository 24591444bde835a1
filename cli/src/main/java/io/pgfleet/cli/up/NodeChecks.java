package io.pgfleet.cli.up;

import io.pgfleet.agent.AgentLoop;
import io.pgfleet.agent.checks.ChecksServer;
import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.spec.NodeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The HTTP checks of those nodes of this process that have an address for them. */
final class NodeChecks implements AutoCloseable {
  private final List<ChecksServer> servers = new ArrayList<>();

  /** A port that is taken by somebody else is found before anything starts. */
  static void checkPorts(List<NodePlace> places) {
    for (NodePlace place : places) {
      place
          .node()
          .checks()
          .ifPresent(checks -> Ports.checkFree(List.of(checks.host()), checks.port()));
    }
  }

  /**
   * Begins to answer.
   *
   * @throws CommandFailure if an address can't be listened on; then none answers
   */
  static NodeChecks start(List<NodePlace> places, Map<NodeName, AgentLoop> agents) {
    NodeChecks checks = new NodeChecks();
    for (NodePlace place : places) {
      AgentLoop agent = agents.get(place.node().name());
      if (agent != null && place.node().checks().isPresent()) {
        try {
          checks.servers.add(ChecksServer.start(place, agent::standing));
        } catch (IOException e) {
          checks.close();
          throw new CommandFailure(
              String.valueOf(e.getMessage()),
              "set checks.host and checks.port of the node in fleet.yaml to an address of this"
                  + " machine");
        }
      }
    }
    return checks;
  }

  @Override
  public void close() {
    servers.forEach(ChecksServer::close);
  }
}
