package io.pgfleet.cli.control;

import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.spec.NodeName;
import java.nio.file.Path;

/**
 * Where a program of a fleet is spoken to.
 *
 * @param what the program, as it reads at the beginning of a sentence
 * @param start the command that starts it
 * @param pointer the file that names its socket
 * @param socket the name of its socket
 * @param home of its fleet
 */
public record ControlPoint(String what, String start, Path pointer, String socket, FleetHome home) {
  /** The program behind {@code pgfleet up}. */
  public static ControlPoint ofUp(FleetHome home) {
    return new ControlPoint(
        "fleet " + home.name(), "'pgfleet up' starts it", home.controlPointer(), "s", home);
  }

  /** The agent of a node or witness. */
  public static ControlPoint ofAgent(FleetHome home, NodeName node) {
    return new ControlPoint(
        "the agent of " + node + " in fleet " + home.name(),
        "'pgfleet agent --node " + node + "' starts it",
        home.agentPointer(node),
        "a-" + node,
        home);
  }

  /** The gateway of a process of its own on a port; each process has another socket. */
  public static ControlPoint ofGateway(FleetHome home, int port, long pid) {
    return new ControlPoint(
        "the gateway of fleet " + home.name() + " on port " + port,
        "'pgfleet gateway' starts it",
        home.gateways().resolve(Integer.toString(port)),
        "g" + pid,
        home);
  }
}
