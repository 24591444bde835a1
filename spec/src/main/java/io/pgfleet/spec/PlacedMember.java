package io.pgfleet.spec;

import io.pgfleet.spec.setting.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A member of the file, its number in the ensemble from 1, and the node of its name, if any. */
record PlacedMember(String name, int number, Values values, Optional<PlacedNode> node) {
  static List<PlacedMember> all(Values consensus, List<PlacedNode> nodes) {
    List<PlacedMember> members = new ArrayList<>();
    consensus
        .find(ConsensusKeys.MEMBERS)
        .orElse(Map.of())
        .forEach((name, values) -> {
          Optional<PlacedNode> node =
              nodes.stream().filter(one -> one.name().equals(name)).findFirst();
          members.add(new PlacedMember(name, members.size() + 1, values, node));
        });
    return members;
  }

  /** Its own host, or that of its node; empty if it has neither. */
  Optional<String> host() {
    return values
        .find(MemberKeys.HOST)
        .or(() -> node.map(placed -> placed.values().get(NodeKeys.HOST)));
  }

  ConsensusMember record() {
    return new ConsensusMember(
        new NodeName(name),
        number,
        values.get(MemberKeys.WITNESS),
        new HostPort(host().orElseThrow(), values.get(MemberKeys.PORT)),
        values.get(MemberKeys.QUORUM_PORT),
        values.get(MemberKeys.ELECTION_PORT));
  }
}
