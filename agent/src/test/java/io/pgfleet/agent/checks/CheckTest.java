package io.pgfleet.agent.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.Standing;
import io.pgfleet.agent.server.ServerFacts;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.HeldLease;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Lease;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.Operations;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Patroni's paths, by what the node is. */
class CheckTest {
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b");
  private static final NodeName C = new NodeName("c");
  private static final Term TERM = new Term(4);
  private static final Optional<ServerFacts> PRIMARY = Optional.of(facts(false, ""));
  private static final Optional<ServerFacts> STREAMING = Optional.of(facts(true, "streaming"));
  private static final List<String> PATHS =
      List.of(
          "/",
          "/primary",
          "/master",
          "/read-write",
          "/leader",
          "/standby-leader",
          "/replica",
          "/read-only",
          "/synchronous",
          "/sync",
          "/read-only-sync",
          "/quorum",
          "/read-only-quorum",
          "/asynchronous",
          "/async",
          "/health",
          "/liveness",
          "/readiness",
          "/patroni",
          "/cluster");

  private static NodeSpec spec(NodeName name, boolean neverRead) {
    return new NodeSpec(
        name,
        new HostPort("h", 1),
        "local",
        Optional.empty(),
        Optional.empty(),
        new HostPort("h", 2001),
        false,
        neverRead);
  }

  private static ServerFacts facts(boolean standby, String receiver) {
    return new ServerFacts(
        standby,
        "2026-01-01 00:00:00+00",
        180_001,
        1,
        standby ? Optional.empty() : Optional.of(new Lsn(10_000)),
        standby ? Optional.of(new Lsn(9_000)) : Optional.empty(),
        standby ? Optional.of(new Lsn(8_000)) : Optional.empty(),
        Optional.empty(),
        false,
        Optional.of(receiver).filter(state -> !state.isEmpty()));
  }

  private static Member member(NodeName node, Role role, Term term, SyncSet waitsFor) {
    return new Member(
        node, "h", 1, role, term, 1, Optional.of(new Lsn(10_000)), "", waitsFor, List.of());
  }

  /** Node B of a group that A leads, in which commits wait for these. */
  private static NodeReport standby(SyncSet waitsFor, Term followed, boolean inTouch) {
    GroupView view =
        new GroupView(
            Optional.of(new Versioned<>(new GroupState(7, TERM, A, waitsFor), 1)),
            Optional.of(new HeldLease(new Lease(A, TERM), 1, false)),
            Map.of(
                A,
                member(A, Role.PRIMARY, TERM, waitsFor),
                B,
                member(B, Role.STANDBY, followed, SyncSet.NONE)),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Operations.NONE);
    Standing standing = new Standing(false, inTouch, Optional.of(view), Duration.ofMillis(100));
    return new NodeReport(spec(B, false), standing, STREAMING);
  }

  private static NodeReport primary(boolean certain, Optional<ServerFacts> facts) {
    return new NodeReport(
        spec(A, false),
        new Standing(certain, certain, Optional.empty(), Duration.ofMillis(100)),
        facts);
  }

  private static List<String> yes(NodeReport node) {
    List<String> yes = new ArrayList<>();
    for (String path : PATHS) {
      int status = Check.status(path, Map.of(), node);
      assertThat(status).isIn(Check.YES, Check.NO);
      if (status == Check.YES) {
        yes.add(path);
      }
    }
    return yes;
  }

  @Test
  void aPrimaryIsOneWhileItsLeaseIsCertainAndItsServerSaysSo() {
    assertThat(yes(primary(true, PRIMARY)))
        .containsExactly(
            "/",
            "/primary",
            "/master",
            "/read-write",
            "/leader",
            "/read-only",
            "/read-only-sync",
            "/read-only-quorum",
            "/health",
            "/liveness",
            "/readiness",
            "/patroni",
            "/cluster");
    List<String> onlyAlive = List.of("/health", "/liveness", "/patroni", "/cluster");
    assertThat(yes(primary(false, PRIMARY))).isEqualTo(onlyAlive);
    assertThat(yes(primary(true, Optional.empty())))
        .containsExactly("/liveness", "/patroni", "/cluster");
    // Promoted by its agent and not yet out of recovery.
    assertThat(yes(primary(true, STREAMING))).isEqualTo(onlyAlive);
  }

  @Test
  void aStandbyIsSynchronousOrOfAQuorumOrNeither() {
    List<String> common =
        List.of("/replica", "/read-only", "/health", "/liveness", "/readiness", "/patroni");
    assertThat(yes(standby(SyncSet.of(List.of(B), 1), TERM, true)))
        .containsAll(common)
        .contains("/sync", "/synchronous", "/read-only-sync")
        .doesNotContain("/quorum", "/async", "/primary", "/leader");
    assertThat(yes(standby(SyncSet.of(List.of(B, C), 1), TERM, true)))
        .containsAll(common)
        .contains("/quorum", "/read-only-quorum")
        .doesNotContain("/sync", "/async", "/read-only-sync");
    assertThat(yes(standby(SyncSet.of(List.of(C), 1), TERM, true)))
        .containsAll(common)
        .contains("/async", "/asynchronous")
        .doesNotContain("/sync", "/quorum");
  }

  @Test
  void aStandbyOfAFormerReignAnswersNobody() {
    assertThat(yes(standby(SyncSet.NONE, new Term(3), true)))
        .containsExactly("/health", "/liveness", "/patroni", "/cluster");
  }

  @Test
  void aStandbyGoesOnAnsweringReadsWithoutConsensus() {
    assertThat(yes(standby(SyncSet.NONE, TERM, false))).contains("/replica", "/read-only");
  }

  @Test
  void aStandbyThatIsNeverReadIsNoReplica() {
    NodeReport node = standby(SyncSet.NONE, TERM, true);
    NodeReport tagged = new NodeReport(spec(B, true), node.standing(), node.server());
    assertThat(yes(tagged)).containsExactly("/health", "/liveness", "/patroni", "/cluster");
  }

  @Test
  void lagIsWhatIsNotReplayed() {
    NodeReport node = standby(SyncSet.NONE, TERM, true);
    assertThat(Check.status("/replica", Map.of("lag", "2000"), node)).isEqualTo(Check.YES);
    assertThat(Check.status("/replica", Map.of("lag", "1999"), node)).isEqualTo(Check.NO);
    assertThat(Check.status("/async", Map.of("lag", "1kB"), node)).isEqualTo(Check.NO);
    assertThat(Check.status("/async", Map.of("lag", "2kB"), node)).isEqualTo(Check.YES);
    assertThat(Check.status("/read-only", Map.of("lag", "1999"), node)).isEqualTo(Check.NO);
    assertThat(Check.status("/readiness", Map.of("lag", "1999"), node)).isEqualTo(Check.NO);
    assertThat(Check.status("/readiness", Map.of("lag", "1000", "mode", "write"), node))
        .isEqualTo(Check.YES);
    for (String wrong : List.of("", "x", "5MiB", "-1", "99999999999999999999", "900000000000TB")) {
      assertThat(Check.status("/replica", Map.of("lag", wrong), node)).isEqualTo(Check.BAD_REQUEST);
    }
  }

  @Test
  void theReplicationStateCanBeAskedFor() {
    NodeReport node = standby(SyncSet.NONE, TERM, true);
    assertThat(Check.status("/replica", Map.of("replication_state", "streaming"), node))
        .isEqualTo(Check.YES);
    assertThat(Check.status("/replica", Map.of("replication_state", "other"), node))
        .isEqualTo(Check.NO);
  }

  @Test
  void anAgentThatIsStuckIsNotAlive() {
    Standing stuck = new Standing(true, true, Optional.empty(), Check.STUCK);
    assertThat(Check.status("/liveness", Map.of(), new NodeReport(spec(A, false), stuck, PRIMARY)))
        .isEqualTo(Check.NO);
  }

  @Test
  void aPathThatPatroniDoesNotHaveIsUnknown() {
    assertThat(Check.status("/primry", Map.of(), primary(true, PRIMARY))).isEqualTo(Check.UNKNOWN);
  }
}
