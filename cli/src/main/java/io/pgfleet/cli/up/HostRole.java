package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.spec.ConsensusMember;
import io.pgfleet.spec.ConsensusSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a name of fleet.yaml stands for: a node, a member of the ensemble, or both.
 *
 * @param node empty for a witness
 * @param member empty for a node that does not keep the agreed state
 */
record HostRole(Optional<NodeSpec> node, Optional<ConsensusMember> member) {
  /**
   * Looks a name up.
   *
   * @throws CommandFailure if it is neither, or the fleet's agreed state is no matter of hosts
   */
  static HostRole of(Fleet fleet, NodeName name) {
    ConsensusSpec.Servers servers = fleet.spec().consensus().servers();
    if (servers instanceof ConsensusSpec.Alone) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "fleet.yaml does not say which hosts keep the agreed state",
          "name 1, 3 or 5 agents under consensus.members, or ZooKeeper servers under"
              + " consensus.servers; on one machine use 'pgfleet up'");
    }
    Optional<NodeSpec> node =
        fleet.spec().groups().stream()
            .flatMap(group -> group.nodes().stream())
            .filter(one -> one.name().equals(name))
            .findFirst();
    Optional<ConsensusMember> member =
        servers instanceof ConsensusSpec.Ensemble ensemble
            ? ensemble.member(name)
            : Optional.empty();
    if (node.isEmpty() && member.isEmpty()) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "there is no node and no witness " + name,
          "fleet.yaml has " + String.join(", ", names(fleet)));
    }
    return new HostRole(node, member);
  }

  /** All names that stand for a host. */
  static List<String> names(Fleet fleet) {
    List<String> names = new ArrayList<>();
    fleet
        .spec()
        .groups()
        .forEach(group -> group.nodes().forEach(node -> names.add(node.name().value())));
    if (fleet.spec().consensus().servers() instanceof ConsensusSpec.Ensemble ensemble) {
      ensemble.members().stream()
          .filter(ConsensusMember::witness)
          .forEach(witness -> names.add(witness.name().value()));
    }
    return names;
  }

  /** The addresses under which other hosts reach it. */
  List<String> addresses() {
    List<String> addresses = new ArrayList<>();
    node.ifPresent(one -> {
      addresses.add(one.address().host());
      addresses.add(one.agent().host());
    });
    member.ifPresent(one -> addresses.add(one.address().host()));
    return addresses.stream().distinct().toList();
  }

  String words() {
    String agent =
        node.map(
                one -> "the agent of " + one.name() + " is at work, its server on " + one.address())
            .orElse("");
    String keeper =
        member
            .map(one -> "member " + one.number() + " of the ensemble listens on " + one.address())
            .orElse("");
    return agent.isEmpty() || keeper.isEmpty() ? agent + keeper : agent + "; " + keeper;
  }
}
