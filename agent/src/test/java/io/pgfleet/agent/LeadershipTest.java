package io.pgfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Operations;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whom a primary waits for. */
class LeadershipTest {
  private static final NodeName B = new NodeName("b");
  private static final NodeName C = new NodeName("c");

  private static Member standby(NodeName node, boolean cannotLead) {
    return new Member(
        node,
        "h",
        1,
        Member.Role.STANDBY,
        Term.NONE,
        1,
        Optional.empty(),
        "",
        SyncSet.NONE,
        List.of(),
        cannotLead,
        Optional.empty());
  }

  @Test
  void noCommitWaitsForANodeWhoseHostForbidsItToLead() {
    List<NodeSpec> nodes =
        Stream.of("a", "b", "c")
            .map(name ->
                new NodeSpec(new NodeName(name), new HostPort("h", 1), "local", Optional.empty()))
            .toList();
    AgentSettings settings =
        AgentSettings.of(
            nodes.getFirst(), new GroupSpec(new GroupName("g"), Durability.QUORUM, 1, nodes));
    GroupView view =
        new GroupView(
            Optional.empty(),
            Optional.empty(),
            Map.of(B, standby(B, true), C, standby(C, false)),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Operations.NONE);
    assertThat(Leadership.firstNames(settings, view, SyncSet.NONE))
        .isEqualTo(SyncSet.of(List.of(C), 1));
  }
}
