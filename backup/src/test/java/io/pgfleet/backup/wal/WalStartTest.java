package io.pgfleet.backup.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.wire.Lsn;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WalStartTest {
  private static final int SIZE = SegmentName.USUAL_SIZE;
  private static final Lsn SLOT = Lsn.parse("0/9000010");

  private static final TimelineHistory THIRD =
      TimelineHistory.parse(
          3, "1\t0/5000100\tno recovery target specified\n\n2\t0/7000200\tno recovery target\n");

  private static String start(TimelineHistory history, Map<Integer, Long> held) {
    Map<Integer, OptionalLong> due = new java.util.HashMap<>();
    held.forEach((timeline, number) -> due.put(timeline, OptionalLong.of(number)));
    return WalStart.of(history, due, SLOT, SIZE).file();
  }

  @Test
  void anEmptyArchiveBeginsWhereTheSlotDoes() {
    assertThat(start(TimelineHistory.first(1), Map.of())).isEqualTo("000000010000000000000009");
    assertThat(start(THIRD, Map.of())).isEqualTo("000000030000000000000009");
  }

  @Test
  void itGoesOnBehindTheLastWholeSegment() {
    assertThat(start(TimelineHistory.first(1), Map.of(1, 4L)))
        .isEqualTo("000000010000000000000004");
    assertThat(start(THIRD, Map.of(1, 6L, 2, 8L, 3, 8L))).isEqualTo("000000030000000000000008");
  }

  @Test
  void theRestOfATimelineThatWasLeftComesFirst() {
    assertThat(start(THIRD, Map.of(1, 5L))).isEqualTo("000000010000000000000005");
    assertThat(start(THIRD, Map.of(1, 6L, 2, 6L))).isEqualTo("000000020000000000000006");
  }

  @Test
  void whereATimelineWasLeftTheNextOneBeginsInTheSameSegment() {
    assertThat(start(THIRD, Map.of(1, 6L))).isEqualTo("000000020000000000000005");
    assertThat(start(THIRD, Map.of(1, 6L, 2, 9L))).isEqualTo("000000030000000000000007");
  }

  @Test
  void aHistoryTellsWhereAPositionLies() {
    assertThat(THIRD.at(Lsn.parse("0/50000FF"))).isEqualTo(1);
    assertThat(THIRD.at(Lsn.parse("0/5000100"))).isEqualTo(2);
    assertThat(THIRD.at(Lsn.parse("0/7000200"))).isEqualTo(3);
    assertThat(THIRD.holds(1, Lsn.parse("0/5000100"))).isTrue();
    assertThat(THIRD.holds(1, Lsn.parse("0/5000101"))).isFalse();
    assertThat(THIRD.holds(4, Lsn.ZERO)).isFalse();
  }

  /** Restored to before the change of timeline, while it was to end on the later one. */
  @Test
  void aTimelineThatWasNeverReachedHasNoPart() {
    TimelineHistory restored =
        TimelineHistory.parse(3, "1\t0/9000000\tno recovery target\n2\t0/5000000\tbefore x\n");
    assertThat(restored.at(Lsn.parse("0/4FFFFFF"))).isEqualTo(1);
    assertThat(restored.at(Lsn.parse("0/5000000"))).isEqualTo(3);
    assertThat(restored.holds(1, Lsn.parse("0/5000000"))).isTrue();
    assertThat(restored.holds(1, Lsn.parse("0/6000000"))).isFalse();
    assertThat(restored.left(1)).contains(Lsn.parse("0/5000000"));
    assertThat(start(restored, Map.of(1, 9L, 2, 11L))).isEqualTo("000000030000000000000005");
    assertThat(THIRD.left(1)).contains(Lsn.parse("0/5000100"));
  }

  @Test
  void whatIsNoHistoryIsRefused() {
    for (String wrong : new String[] {"1", "x 0/1", "3 0/1", "2 0/5\n1 0/6", "1 5"}) {
      assertThatThrownBy(() -> TimelineHistory.parse(3, wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
