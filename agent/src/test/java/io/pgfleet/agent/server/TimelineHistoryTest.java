package io.pgfleet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.NodeServer.Way;
import io.pgfleet.agent.server.TimelineHistory.Branch;
import io.pgfleet.wire.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineHistoryTest {
  private static final TimelineHistory THIRD =
      new TimelineHistory(
          3, List.of(new Branch(1, Lsn.parse("0/3000000")), new Branch(2, Lsn.parse("0/5000000"))));
  private static final Lsn END = Lsn.parse("0/6000000");

  @Test
  void aHistoryFileIsReadWithCommentsAndBlankLines() {
    String text =
        """
        1\t0/3000000\tno recovery target specified

        # a comment
        2\t0/5000000\tbefore 2000-01-01 00:00:00+00
        """;
    assertThat(TimelineHistory.parse(3, text)).isEqualTo(THIRD);
  }

  @Test
  void anEmptyFileHasNoAncestors() {
    assertThat(TimelineHistory.parse(1, "")).isEqualTo(TimelineHistory.first());
  }

  @Test
  void onTheSameTimelineWhoIsNotAheadGoesOn() {
    assertThat(THIRD.wayFor(3, Lsn.parse("0/5500000"), END)).isEqualTo(new Way.GoOn());
    assertThat(THIRD.wayFor(3, END, END)).isEqualTo(new Way.GoOn());
    assertThat(THIRD.wayFor(3, Lsn.parse("0/6000001"), END)).isInstanceOf(Way.MakeAnew.class);
  }

  @Test
  void onAnAncestorWhoStoppedBeforeTheBranchGoesOn() {
    assertThat(THIRD.wayFor(2, Lsn.parse("0/4000000"), END)).isEqualTo(new Way.GoOn());
    assertThat(THIRD.wayFor(2, Lsn.parse("0/5000000"), END)).isEqualTo(new Way.GoOn());
    assertThat(THIRD.wayFor(1, Lsn.parse("0/3000000"), END)).isEqualTo(new Way.GoOn());
  }

  @Test
  void onAnAncestorWhoWentPastTheBranchRewinds() {
    assertThat(THIRD.wayFor(2, Lsn.parse("0/5000001"), END)).isInstanceOf(Way.Rewind.class);
    assertThat(THIRD.wayFor(1, Lsn.parse("0/3000001"), END)).isInstanceOf(Way.Rewind.class);
  }

  @Test
  void whatThePrimaryNeverWasMustBeMadeAnew() {
    assertThat(THIRD.wayFor(4, Lsn.parse("0/1000000"), END)).isInstanceOf(Way.MakeAnew.class);
    assertThat(TimelineHistory.first().wayFor(2, Lsn.parse("0/1000000"), END))
        .isInstanceOf(Way.MakeAnew.class);
  }
}
