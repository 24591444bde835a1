package io.pgfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Operations;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromisesTest {
  private static final GroupName GROUP = new GroupName("main");
  private static final NodeName A = new NodeName("a");
  private static final NodeName B = new NodeName("b");
  private static final NodeName C = new NodeName("c");
  private static final Term TERM = new Term(5);
  private static final Duration LENGTH = Duration.ofSeconds(3);
  private static final AssentRequest REQUEST = new AssentRequest("main", A, TERM, LENGTH);

  /** What is written down; it may fail. */
  private static final class Paper implements PromiseMemory {
    private Duration promised = Duration.ZERO;
    private boolean broken;

    @Override
    public Duration promised() {
      return promised;
    }

    @Override
    public void note(Duration longest) throws IOException {
      if (broken) {
        throw new IOException("no space");
      }
      promised = longest;
    }
  }

  private final Paper paper = new Paper();
  private long now = 1_000_000_000_000L;
  private Promises promises = begin();

  private Promises begin() {
    return new Promises(B, GROUP, LENGTH, paper, () -> now);
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private static GroupView view(Term term, NodeName leader, Optional<Vote> vote) {
    GroupState state = new GroupState(7, term, leader, SyncSet.of(List.of(B, C), 1));
    return new GroupView(
        Optional.of(new Versioned<>(state, 1)),
        Optional.empty(),
        Map.of(),
        vote.map(one -> Map.of(B, new Versioned<>(one, 1))).orElse(Map.of()),
        Optional.empty(),
        Optional.empty(),
        Operations.NONE);
  }

  private static final Vote AGAINST = new Vote(B, TERM, 1, new Lsn(100));

  private void silence() {
    promises.hear(null, true);
  }

  @Test
  void whoHearsNothingAndHasNotVotedPromises() {
    promises.looked(view(TERM, A, Optional.empty()));
    silence();
    assertThat(promises.answer(REQUEST)).isEqualTo(Assent.PROMISED);
    assertThat(promises.run()).isTrue();
    assertThat(promises.vote()).isFalse();
    pass(LENGTH);
    assertThat(promises.run()).isFalse();
    assertThat(promises.vote()).isTrue();
  }

  @Test
  void whoKnowsNothingOrOtherwiseRefuses() {
    assertThat(promises.answer(REQUEST).why()).contains("not seen");
    promises.looked(view(TERM.next(), C, Optional.empty()));
    silence();
    assertThat(promises.answer(REQUEST).why()).isEqualTo("c took term 6");
    promises.looked(view(TERM, A, Optional.of(AGAINST)));
    assertThat(promises.answer(REQUEST).why()).contains("voted");
    promises.looked(view(TERM, A, Optional.empty()));
    assertThat(promises.answer(new AssentRequest("main", A, TERM, LENGTH.plusNanos(1))).why())
        .contains("at most 3000 ms");
    assertThat(promises.answer(new AssentRequest("other", A, TERM, LENGTH)).promised()).isFalse();
    assertThat(promises.answer(new AssentRequest("main", B, TERM, LENGTH)).promised()).isFalse();
    assertThat(promises.run()).isFalse();
  }

  @Test
  void whoHearsTheServersRefusesButNotAtOnce() {
    promises.looked(view(TERM, A, Optional.empty()));
    assertThat(promises.answer(REQUEST).why()).contains("hears");
    silence();
    assertThat(promises.answer(REQUEST)).isEqualTo(Assent.PROMISED);
    pass(LENGTH);
    promises.hear(null, false);
    assertThat(promises.answer(REQUEST)).isEqualTo(Assent.PROMISED);
    pass(Duration.ofMillis(1));
    assertThat(promises.answer(REQUEST).why()).contains("hears");
  }

  @Test
  void silenceBeforeTheFirstLookIsNone() {
    silence();
    promises.looked(view(TERM, A, Optional.empty()));
    assertThat(promises.answer(REQUEST).why()).contains("hears");
  }

  @Test
  void aVoteThatMayStillArriveCountsAsStanding() {
    promises.looked(view(TERM, A, Optional.empty()));
    assertThat(promises.vote()).isTrue();
    promises.looked(view(TERM, A, Optional.empty()));
    silence();
    assertThat(promises.answer(REQUEST).why()).contains("voted");
    promises.settled();
    promises.looked(view(TERM, A, Optional.empty()));
    assertThat(promises.answer(REQUEST)).isEqualTo(Assent.PROMISED);
  }

  @Test
  void aVoteThatNobodyHeardOfForLongCanNotArrive() {
    promises.looked(view(TERM, A, Optional.empty()));
    assertThat(promises.vote()).isTrue();
    pass(LENGTH.multipliedBy(2).plusNanos(1));
    promises.looked(view(TERM, A, Optional.empty()));
    silence();
    assertThat(promises.answer(REQUEST)).isEqualTo(Assent.PROMISED);
  }

  @Test
  void aNewLifeKeepsWhatTheOldOneMayHavePromised() {
    assertThat(promises.run()).isFalse();
    promises.looked(view(TERM, A, Optional.empty()));
    silence();
    assertThat(promises.answer(REQUEST)).isEqualTo(Assent.PROMISED);
    promises = begin();
    assertThat(promises.run()).isTrue();
    pass(LENGTH);
    assertThat(promises.run()).isFalse();
    promises.looked(view(TERM, A, Optional.empty()));
    assertThat(paper.promised).isEqualTo(LENGTH);
    pass(LENGTH.multipliedBy(2));
    promises.looked(view(TERM, A, Optional.empty()));
    assertThat(paper.promised).isZero();
  }

  @Test
  void whatCanNotBeWrittenDownIsNotPromised() {
    promises.looked(view(TERM, A, Optional.empty()));
    silence();
    paper.broken = true;
    assertThat(promises.answer(REQUEST).why()).contains("no space");
    assertThat(promises.run()).isFalse();
  }
}
