package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeSpec;

/** The nodes of a group, as fleet.yaml has them and operators name them. */
record GroupNodes(GroupSpec group) {
  /** Those of a fleet's group. */
  static GroupNodes of(Fleet fleet) {
    return new GroupNodes(fleet.spec().groups().getFirst());
  }

  /** Those of the group as it is now, if these are its file's. */
  GroupNodes now(GroupStore store) {
    return new GroupNodes(store.view().operations().nodes().appliedTo(group));
  }

  /**
   * The node that an operator named.
   *
   * @throws CommandFailure if there is none of this name
   */
  NodeSpec named(String name) {
    return group.nodes().stream()
        .filter(node -> node.name().value().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new CommandFailure(
                CommandFailure.USAGE,
                "there is no node " + name,
                "'pgfleet status' lists the nodes"));
  }
}
