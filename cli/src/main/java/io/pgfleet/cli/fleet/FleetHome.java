package io.pgfleet.cli.fleet;

import io.pgfleet.spec.NodeName;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

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

  /** A file for each gateway of a process of its own, that names its socket. */
  public Path gateways() {
    return folder.resolve("gateways");
  }

  /** What a gateway of a process of its own has to say. */
  public Path gatewayLog() {
    return folder.resolve("log").resolve("gateway.log");
  }

  /** What the detached program printed before it had a log. */
  public Path startOutput() {
    return folder.resolve("log").resolve("start.out");
  }

  /** What the guard of a node's server and its agent tell each other. */
  public Path guard(NodeName node) {
    return folder.resolve("guards").resolve(node.value());
  }

  /** The consensus state of a member of an ensemble. */
  public Path member(NodeName member) {
    return folder.resolve("consensus-" + member.value());
  }

  /** Names the socket of the agent of a node or witness. */
  public Path agentPointer(NodeName node) {
    return folder.resolve("agents").resolve(node.value());
  }

  /** The nodes and witnesses whose agents have been started here. */
  public List<NodeName> agents() {
    String[] files = folder.resolve("agents").toFile().list();
    return files == null
        ? List.of()
        : Arrays.stream(files)
            .filter(name -> !name.contains("."))
            .sorted()
            .map(NodeName::new)
            .toList();
  }

  /** Held by the agent of a node or witness. */
  public Path agentLock(NodeName node) {
    return folder.resolve("agents").resolve(node.value() + ".lock");
  }

  /** What the agent of a node or witness has to say. */
  public Path agentLog(NodeName node) {
    return folder.resolve("log").resolve("agent-" + node.value() + ".log");
  }

  /** What a detached agent printed before it had a log. */
  public Path agentOutput(NodeName node) {
    return folder.resolve("log").resolve("agent-" + node.value() + ".out");
  }

  /** This host's certificate and key, and the certificate of the fleet's authority. */
  public Path tls() {
    return folder.resolve("tls");
  }

  /** Key and certificate for ZooKeeper servers of the user's own, made of fleet.yaml's files. */
  public Path zookeeperIdentity() {
    return folder.resolve("zookeeper.pem");
  }

  /** The fleet's certificate authority, on the one host that issues certificates. */
  public Path authority() {
    return folder.resolve("ca");
  }
}
