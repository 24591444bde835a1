package io.pgfleet.agent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Lease;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.PlannedMove;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** All that an agent may do while its group is paused, and when it restarts its server. */
class MaintenanceTest {
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b");
  private static final NodeName C = new NodeName("c");
  private static final Term TERM = new Term(5);
  private static final LocalServer PRIMARY = new LocalServer.Primary(7, 3, new Lsn(100));
  private static final LocalServer FOLLOWING =
      new LocalServer.Standby(7, 3, new Lsn(100), Optional.of(A), true, true);
  private static final LocalServer SEALED =
      new LocalServer.Standby(7, 3, new Lsn(100), Optional.empty(), false, true);
  private static final List<LocalServer> SERVERS =
      List.of(
          new LocalServer.Absent(),
          new LocalServer.Stopped(7),
          new LocalServer.Silent(7),
          PRIMARY,
          FOLLOWING,
          SEALED);

  /** A view by B; the lease is A's, B's by its own session or an earlier one, or nobody's. */
  private static NodeView view(
      LocalServer server, NodeName leader, Optional<NodeName> holder, boolean paused) {
    return new NodeView(
        B,
        true,
        Optional.of(new GroupState(7, TERM, leader, SyncSet.of(List.of(B, C), 1))),
        holder.map(node -> new Lease(node, TERM)),
        holder.equals(Optional.of(B)),
        Map.of(
            A, member(A, holder.equals(Optional.of(A)) ? Role.PRIMARY : Role.STANDBY),
            C, member(C, Role.STANDBY)),
        List.of(new Vote(B, TERM, 3, new Lsn(100)), new Vote(C, TERM, 3, new Lsn(90))),
        Optional.of(new PlannedMove(C, TERM, true)),
        false,
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        paused,
        Optional.empty(),
        true,
        server,
        true);
  }

  private static Member member(NodeName node, Role role) {
    return new Member(node, "h", 1, role, TERM, 3, Optional.empty(), "", SyncSet.NONE, List.of());
  }

  private static List<NodeView> everyView(boolean paused) {
    List<NodeView> views = new ArrayList<>();
    for (LocalServer server : SERVERS) {
      for (NodeName leader : List.of(A, B)) {
        for (Optional<NodeName> holder :
            List.of(Optional.<NodeName>empty(), Optional.of(A), Optional.of(B))) {
          views.add(view(server, leader, holder, paused));
        }
      }
    }
    return views;
  }

  @Test
  void aPausedAgentStartsStopsAndPromotesNobody() {
    for (NodeView view : everyView(true)) {
      Action action = NodeDecision.decide(view);
      assertThat(action)
          .as("%s", view)
          .isInstanceOfAny(
              Action.Await.class,
              Action.Lead.class,
              Action.Follow.class,
              Action.ResumeLease.class,
              Action.StopAtOnce.class);
      if (action instanceof Action.StopAtOnce || action instanceof Action.ResumeLease) {
        assertThat(view.server()).as("%s", view).isEqualTo(PRIMARY);
      }
    }
  }

  @Test
  void aPausedPrimaryGoesOnLeadingWhateverIsWishedFor() {
    assertThat(NodeDecision.decide(view(PRIMARY, B, Optional.of(B), true)))
        .isInstanceOf(Action.Lead.class);
    assertThat(NodeDecision.decide(view(PRIMARY, B, Optional.empty(), true)))
        .isInstanceOf(Action.ResumeLease.class);
  }

  @Test
  void aSecondPrimaryIsStoppedAlsoDuringAPause() {
    assertThat(NodeDecision.decide(view(PRIMARY, A, Optional.of(A), true)))
        .isInstanceOf(Action.StopAtOnce.class);
    assertThat(NodeDecision.decide(view(PRIMARY, A, Optional.empty(), true)))
        .isInstanceOf(Action.StopAtOnce.class);
  }

  @Test
  void aNodeThatIsNeverPromotedNeitherVotesNorTakesATerm() {
    for (NodeView view : everyView(false)) {
      NodeView never =
          new NodeView(
              view.me(),
              view.founder(),
              view.state(),
              view.lease(),
              view.leaseIsOurs(),
              view.members(),
              view.votes(),
              view.move(),
              view.yielding(),
              view.lossBound(),
              false,
              true,
              Optional.empty(),
              false,
              Optional.empty(),
              false,
              view.server(),
              false);
      assertThat(NodeDecision.decide(never))
          .as("%s", never)
          .isNotInstanceOfAny(Action.CastVote.class, Action.TakeTerm.class, Action.Seal.class);
    }
    // As it is it would have won.
    assertThat(NodeDecision.decide(view(SEALED, A, Optional.empty(), false)))
        .isInstanceOf(Action.TakeTerm.class);
  }

  @Test
  void aRestartIsForAServerThatServes() {
    for (NodeView view : everyView(false)) {
      if (NodeDecision.decide(view) instanceof Action.Restart) {
        assertThat(view.server()).isIn(PRIMARY, FOLLOWING);
        assertThat(view.lease()).isPresent();
      }
    }
    assertThat(NodeDecision.decide(view(SEALED, A, Optional.of(A), false)))
        .isNotInstanceOf(Action.Restart.class);
  }
}
