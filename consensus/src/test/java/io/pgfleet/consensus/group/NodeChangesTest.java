package io.pgfleet.consensus.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeChangesTest {
  private static final NodeName N2 = new NodeName("n2");
  private static final NodeName N4 = new NodeName("n4");
  private static final List<NodeSpec> FILE = List.of(node("n1"), node("n2"), node("n3"));

  private static NodeSpec node(String name) {
    int port = 5440 + Integer.parseInt(name.substring(1));
    return new NodeSpec(
        new NodeName(name), new HostPort("127.0.0.1", port), "local", Optional.empty());
  }

  private static NodeSpec of(NodeChanges changes, NodeName name) {
    return changes.appliedTo(FILE).stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aNewNodeCastsNoVoteUntilThePrimaryKnowsIt() {
    NodeChanges joining = NodeChanges.NONE.withAdded(node("n4"));
    assertThat(of(joining, N4).neverPromote()).isTrue();
    assertThat(of(joining, N4).neverRead()).isFalse();
    assertThat(joining.withConfirmed().appliedTo(FILE))
        .containsExactly(node("n1"), node("n2"), node("n3"), node("n4"));
  }

  @Test
  void aNodeThatIsInTheFileAsWellIsThereOnceAndAsTheFileHasIt() {
    NodeSpec tagged =
        new NodeSpec(
            N4,
            new HostPort("127.0.0.1", 5444),
            "far",
            Optional.empty(),
            Optional.empty(),
            new HostPort("127.0.0.1", 7444),
            true,
            false);
    NodeChanges changes = NodeChanges.NONE.withAdded(node("n4")).withConfirmed();
    assertThat(changes.appliedTo(List.of(node("n1"), tagged))).containsExactly(node("n1"), tagged);
  }

  @Test
  void aNodeThatLeavesHasLimitsThenIsGoneAndMayComeBack() {
    NodeChanges leaving = NodeChanges.NONE.withLeaving(N2);
    assertThat(of(leaving, N2).neverPromote()).isTrue();
    assertThat(of(leaving, N2).neverRead()).isTrue();
    assertThat(leaving.withStaying(N2)).isEqualTo(NodeChanges.NONE);
    NodeChanges removed = leaving.withRemoved(N2);
    assertThat(removed.leaving()).isEmpty();
    assertThat(removed.appliedTo(FILE)).containsExactly(node("n1"), node("n3"));
    assertThat(removed.withAdded(node("n2")).withConfirmed().appliedTo(FILE))
        .containsExactlyInAnyOrderElementsOf(FILE);
    assertThat(NodeChanges.NONE.withAdded(node("n4")).withRemoved(N4).appliedTo(FILE))
        .isEqualTo(FILE);
  }

  @Test
  void aNewNodeWithADelayIsKnownByItToAll() {
    NodeSpec late =
        new NodeSpec(
            N4,
            new HostPort("127.0.0.1", 5444),
            "local",
            Optional.empty(),
            Optional.empty(),
            new HostPort("127.0.0.1", 7444),
            true,
            true,
            Duration.ofHours(1),
            Optional.empty());
    NodeChanges changes = NodeChanges.NONE.withAdded(late);
    assertThat(changes.withConfirmed().appliedTo(FILE)).contains(late);
    assertThat(of(changes.withConfirmed().withLeaving(N4), N4).delay())
        .isEqualTo(Duration.ofHours(1));
    JsonCodec<NodeChanges> codec = JsonCodec.of(NodeChanges.class, GroupJson.module());
    assertThat(codec.decode(codec.encode(changes))).isEqualTo(changes);
  }

  @Test
  void aGroupThatItsDurabilityForbidsStaysAsTheFileHasIt() {
    GroupSpec group = new GroupSpec(new GroupName("main"), Durability.STRICT, 2, FILE);
    assertThat(NodeChanges.NONE.withRemoved(N2).appliedTo(group)).isEqualTo(group);
    GroupSpec lesser = new GroupSpec(new GroupName("main"), Durability.QUORUM, 1, FILE);
    assertThat(NodeChanges.NONE.withRemoved(N2).appliedTo(lesser).nodes()).hasSize(2);
  }

  @Test
  void whatIsWrittenIsRead() {
    JsonCodec<NodeChanges> codec = JsonCodec.of(NodeChanges.class, GroupJson.module());
    NodeChanges changes =
        NodeChanges.NONE.withAdded(node("n4")).withLeaving(N2).withRemoved(new NodeName("n3"));
    assertThat(codec.decode(codec.encode(changes))).isEqualTo(changes);
  }
}
