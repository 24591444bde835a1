package io.pgfleet.agent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamesInEffectTest {
  private static final NodeName B = new NodeName("b");
  private static final NodeName C = new NodeName("c");
  private static final SyncSet ONE_OF_BOTH = SyncSet.of(List.of(B, C), 1);
  private static final SyncSet BOTH = SyncSet.of(List.of(B, C), 2);
  private static final Duration SETTLING = Duration.ofNanos(100);
  private static final Map<NodeName, Lsn> B_IS_AHEAD = Map.of(B, new Lsn(7), C, new Lsn(6));

  @Test
  void namesSettleAfterTheTimeSinceTheyWereFirstSeen() {
    NamesInEffect seen = NamesInEffect.UNKNOWN.seen(BOTH, 10).seen(BOTH, 60);
    assertThat(seen.settled(109, SETTLING.toNanos())).isFalse();
    assertThat(seen.settled(110, SETTLING.toNanos())).isTrue();
  }

  @Test
  void otherNamesBeginTheWaitAnew() {
    NamesInEffect seen =
        NamesInEffect.UNKNOWN.seen(BOTH, 10).from(new Lsn(7)).seen(ONE_OF_BOTH, 60);
    assertThat(seen.from()).isNull();
    assertThat(seen.settled(110, SETTLING.toNanos())).isFalse();
  }

  @Test
  void namesThatNobodyHasSeenNeverSettle() {
    assertThat(NamesInEffect.UNKNOWN.settled(Long.MAX_VALUE, SETTLING.toNanos())).isFalse();
  }

  @Test
  void asManyVotersAsAcknowledgeMustHaveThePosition() {
    NamesInEffect known = NamesInEffect.UNKNOWN.seen(BOTH, 10).from(new Lsn(7));
    assertThat(known.flushedBy(ONE_OF_BOTH, B_IS_AHEAD)).isTrue();
    assertThat(known.flushedBy(BOTH, B_IS_AHEAD)).isFalse();
    assertThat(known.flushedBy(SyncSet.of(List.of(C), 1), B_IS_AHEAD)).isFalse();
  }

  @Test
  void nothingIsFlushedBeforeThePositionIsKnown() {
    assertThat(NamesInEffect.UNKNOWN.seen(BOTH, 10).flushedBy(ONE_OF_BOTH, B_IS_AHEAD)).isFalse();
  }
}
