package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.spec.NodeSpec;
import java.util.List;

/** The nodes of a group, as fleet.yaml has them and operators name them. */
record GroupNodes(List<NodeSpec> all) {
  GroupNodes {
    all = List.copyOf(all);
  }

  /** Those of a fleet's group. */
  static GroupNodes of(Fleet fleet) {
    return new GroupNodes(fleet.spec().groups().getFirst().nodes());
  }

  /** Those of the group as it is now, if these are its file's. */
  GroupNodes now(GroupStore store) {
    return new GroupNodes(store.view().operations().nodes().appliedTo(all));
  }

  /**
   * The node that an operator named.
   *
   * @throws CommandFailure if there is none of this name
   */
  NodeSpec named(String name) {
    return all.stream()
        .filter(node -> node.name().value().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new CommandFailure(
                CommandFailure.USAGE,
                "there is no node " + name,
                "'pgfleet status' lists the nodes"));
  }
}
