package io.pgfleet.deploy.front;

import io.pgfleet.deploy.DeployException;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.util.List;

/** A fleet as what stands in front of it sees it. */
final class Fronted {
  private final FleetSpec spec;

  Fronted(FleetSpec spec) {
    this.spec = spec;
  }

  /**
   * The only group.
   *
   * @throws DeployException if there are several: what looks at no statement can't tell which one
   *     is meant
   */
  GroupSpec group() {
    if (spec.groups().size() > 1) {
      throw new DeployException(
          "the fleet has "
              + spec.groups().size()
              + " groups, and only a gateway knows which one a"
              + " statement is for",
          "put gateways behind it: --gateway HOST");
    }
    return spec.groups().getFirst();
  }

  /**
   * The address of a node's checks.
   *
   * @throws DeployException if it has none
   */
  static HostPort checks(NodeSpec node) {
    return node.checks()
        .orElseThrow(() ->
            new DeployException(
                "node " + node.name() + " answers no HTTP checks, so nobody can ask what it is",
                "add to the node in fleet.yaml: checks: { port: 8008 }; then restart its agent"));
  }

  NodeSpec node(NodeName name) {
    return group().nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new DeployException(
                "there is no node " + name,
                "fleet.yaml has "
                    + String.join(
                        ", ", group().nodes().stream().map(node -> node.name().value()).toList())));
  }

  /** The nodes that may become the primary. */
  List<NodeSpec> candidates() {
    return group().nodes().stream().filter(node -> !node.neverPromote()).toList();
  }
}
