package io.pgfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Lease;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.Operations;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From whom C, whose upstream is B, receives. */
class RelayTest {
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b");
  private static final Term TERM = new Term(5);
  private static final HostPort ADDRESS = new HostPort("127.0.0.1", 5441);

  private static final NodeSpec BEHIND =
      new NodeSpec(
          new NodeName("c"),
          ADDRESS,
          "local",
          Optional.empty(),
          Optional.empty(),
          ADDRESS,
          true,
          false,
          Duration.ZERO,
          Optional.of(B));

  private static final AgentSettings SETTINGS =
      AgentSettings.of(
          BEHIND,
          new GroupSpec(
              new GroupName("main"), Durability.QUORUM, 1, List.of(node(A), node(B), BEHIND)));

  private final Relay relay = new Relay();

  private static NodeSpec node(NodeName name) {
    return new NodeSpec(name, ADDRESS, "local", Optional.empty());
  }

  private static Member member(NodeName node, Role role, Term term, List<Member.Standby> standbys) {
    return new Member(
        node, "h", 1, role, term, 1, Optional.empty(), "", SyncSet.NONE, List.copyOf(standbys));
  }

  /** A leads; B streams from it, or says that it is a standby and does not, or says nothing. */
  private static GroupView view(boolean streams, boolean present) {
    Map<NodeName, Member> members = new HashMap<>();
    List<Member.Standby> rows = List.of(new Member.Standby(B, "streaming", "quorum", 0));
    members.put(A, member(A, Role.PRIMARY, TERM, streams ? rows : List.of()));
    if (present) {
      members.put(B, member(B, Role.STANDBY, TERM, List.of()));
    }
    return view(members, Optional.of(A));
  }

  private static GroupView view(Map<NodeName, Member> members, Optional<NodeName> holder) {
    GroupState state = new GroupState(7, TERM, A, SyncSet.of(List.of(B), 1));
    return new GroupView(
        Optional.of(new GroupView.Versioned<>(state, 1)),
        holder.map(node -> new GroupView.HeldLease(new Lease(node, TERM), 1, false)),
        members,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Operations.NONE);
  }

  private Optional<NodeName> at(long seconds, GroupView view) {
    return relay.of(SETTINGS, view, Duration.ofSeconds(seconds).toNanos()).map(Member::node);
  }

  @Test
  void aNodeWithoutUpstreamHasNone() {
    AgentSettings other = AgentSettings.of(node(A), SETTINGS.group());
    assertThat(relay.of(other, view(true, true), 0)).isEmpty();
  }

  @Test
  void itIsLeftAndTakenAgainOnlyAfterAWhile() {
    assertThat(at(0, view(true, true))).contains(B);
    assertThat(at(1, view(false, true))).contains(B);
    assertThat(at(5, view(false, false))).contains(B);
    assertThat(at(6, view(false, false))).isEmpty();
    assertThat(at(7, view(true, true))).isEmpty();
    assertThat(at(8, view(false, true))).isEmpty();
    assertThat(at(9, view(true, true))).isEmpty();
    assertThat(at(13, view(true, true))).isEmpty();
    assertThat(at(14, view(true, true))).contains(B);
  }

  @Test
  void oneThatIsMissingAtFirstIsNotWaitedFor() {
    assertThat(at(0, view(false, true))).isEmpty();
  }

  @Test
  void whileNobodyLeadsNothingChanges() {
    assertThat(at(0, view(true, true))).contains(B);
    assertThat(at(1, view(false, true))).contains(B);
    assertThat(at(60, view(Map.of(), Optional.empty()))).contains(B);
    assertThat(at(61, view(false, true))).contains(B);
    assertThat(at(66, view(false, true))).isEmpty();
  }

  @Test
  void oneThatLeadsIsStayedWith() {
    Map<NodeName, Member> members = Map.of(B, member(B, Role.PRIMARY, TERM, List.of()));
    assertThat(at(0, view(members, Optional.of(B)))).contains(B);
    assertThat(at(1, view(false, true))).contains(B);
  }

  @Test
  void oneThatDoesNotServeThisNodeIsPassedOverForAWhile() {
    assertThat(at(0, view(true, true))).contains(B);
    relay.failed(Duration.ofSeconds(1).toNanos());
    assertThat(at(1, view(true, true))).isEmpty();
    assertThat(at(60, view(true, true))).isEmpty();
    assertThat(at(61, view(true, true))).isEmpty();
    assertThat(at(66, view(true, true))).contains(B);
  }

  @Test
  void oneThatHasLeftTheGroupIsNone() {
    assertThat(at(0, view(true, true))).contains(B);
    AgentSettings without =
        AgentSettings.of(
            BEHIND,
            new GroupSpec(new GroupName("main"), Durability.QUORUM, 1, List.of(node(A), BEHIND)));
    assertThat(relay.of(without, view(true, true), 1)).isEmpty();
  }
}
