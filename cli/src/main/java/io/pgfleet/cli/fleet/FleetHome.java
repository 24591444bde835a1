package io.pgfleet.cli.fleet;

import io.pgfleet.spec.NodeName;
import java.nio.file.Path;

/**
 * A fleet's folder on this machine.
 *
 * @param name the fleet's name
 * @param folder all that belongs to it, unless a node's data folder is elsewhere
 */
public record FleetHome(String name, Path folder) {
  public Path consensus() {
    return folder.resolve("consensus");
  }

  public Path nodeData(NodeName node) {
    return folder.resolve("nodes").resolve(node.value());
  }

  /** Generated passwords; only its owner may read it. */
  public Path secrets() {
    return folder.resolve("secrets");
  }

  public Path logFile() {
    return folder.resolve("log").resolve("pgfleet.log");
  }

  /** Held by the program that runs the fleet. */
  public Path lock() {
    return folder.resolve("up.lock");
  }

  /** Names the socket of the running program. */
  public Path controlPointer() {
    return folder.resolve("control");
  }

  /** What the detached program printed before it had a log. */
  public Path startOutput() {
    return folder.resolve("log").resolve("start.out");
  }
}
