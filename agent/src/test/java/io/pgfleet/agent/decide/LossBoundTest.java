package io.pgfleet.agent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.decide.Election.Outcome;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.consensus.group.WrittenWal;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Elections where commits wait for nobody. A led term 5 on timeline 3, and wrote up to 1000. */
class LossBoundTest {
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b");
  private static final NodeName C = new NodeName("c");
  private static final Term TERM = new Term(5);
  private static final GroupState STATE = new GroupState(7, TERM, A, SyncSet.NONE);
  private static final WrittenWal WRITTEN = new WrittenWal(TERM, 3, new Lsn(1000));

  private static Vote vote(NodeName node, int timeline, long flushed) {
    return new Vote(node, TERM, timeline, new Lsn(flushed));
  }

  private static LossBound bound(long bytes, Optional<WrittenWal> written) {
    return new LossBound(bytes, written, true);
  }

  private static Outcome count(LossBound bound, Vote... votes) {
    return Election.count(STATE, List.of(votes), Optional.empty(), Optional.of(bound));
  }

  private static String why(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Undecided.class);
    return ((Outcome.Undecided) outcome).why();
  }

  @Test
  void theFurthestIsElectedWithinTheBound() {
    Vote less = vote(C, 3, 850);
    Vote most = vote(B, 3, 900);
    assertThat(count(bound(100, Optional.of(WRITTEN)), less, most))
        .isEqualTo(new Outcome.Elected(B, List.of(less, most)));
    assertThat(count(bound(0, Optional.of(WRITTEN)), vote(B, 3, 1000)))
        .isInstanceOf(Outcome.Elected.class);
    assertThat(count(bound(0, Optional.of(WRITTEN)), vote(B, 3, 1200)))
        .as("the primary wrote more after its last word")
        .isInstanceOf(Outcome.Elected.class);
  }

  @Test
  void nobodyPastTheBoundIsElectedAndTheReasonIsTold() {
    assertThat(why(count(bound(100, Optional.of(WRITTEN)), vote(B, 3, 899), vote(C, 3, 10))))
        .isEqualTo(
            "b, the furthest standby, lacks 101 bytes of the WAL of a, more than"
                + " max_lag_on_failover (100 bytes)");
  }

  @Test
  void walOfAnotherTimelineIsNotCompared() {
    assertThat(why(count(bound(1_000_000, Optional.of(WRITTEN)), vote(B, 2, 1000))))
        .contains("timeline 2");
  }

  @Test
  void withoutAWordOfThisTermNobodyKnows() {
    WrittenWal earlier = new WrittenWal(new Term(4), 3, new Lsn(1000));
    for (Optional<WrittenWal> written :
        List.of(Optional.<WrittenWal>empty(), Optional.of(earlier))) {
      assertThat(why(count(bound(1_000_000, written), vote(B, 3, 1000))))
          .contains("has not said how far its WAL goes in term 5");
    }
  }

  @Test
  void theLastPrimaryHasATimeToComeBack() {
    LossBound early = new LossBound(100, Optional.of(WRITTEN), false);
    assertThat(why(count(early, vote(B, 3, 1000)))).contains("may come back");
  }

  @Test
  void withoutABoundNothingMayBeLost() {
    assertThat(Election.count(STATE, List.of(vote(B, 3, 1000)), Optional.empty(), Optional.empty()))
        .isInstanceOf(Outcome.Undecided.class);
    assertThat(count(bound(100, Optional.of(WRITTEN)))).isInstanceOf(Outcome.Undecided.class);
  }
}
