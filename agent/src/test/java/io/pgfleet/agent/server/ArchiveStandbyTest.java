package io.pgfleet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchiveStandbyTest {
  private static final Lsn HERE = Lsn.parse("1/0");
  private static final String FAR_BEHIND = "0/1000000";

  private long now;

  private ArchiveStandby standby(boolean always) {
    return new ArchiveStandby("pgfleet archive near", always, () -> now);
  }

  private void pass(int seconds) {
    now += Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void itCountsOnceItIsNear() {
    ArchiveStandby archive = standby(false);
    assertThat(archive.waitedFor()).isEmpty();
    assertThat(archive.heard(null, HERE)).isFalse();
    assertThat(archive.heard(FAR_BEHIND, HERE)).isFalse();
    assertThat(archive.waitedFor()).isEmpty();
    assertThat(archive.heard("0/FFFFFF00", HERE)).isTrue();
    assertThat(archive.waitedFor().map(SyncNames.Archive::name)).contains("pgfleet archive near");
    assertThat(archive.heard("1/0", HERE)).isFalse();
  }

  @Test
  void oneThatIsAwayCountsForTenSecondsMore() {
    ArchiveStandby archive = standby(false);
    archive.heard("1/0", HERE);
    pass(9);
    assertThat(archive.heard(null, HERE)).isFalse();
    assertThat(archive.waitedFor()).isPresent();
    pass(2);
    assertThat(archive.heard(null, HERE)).isTrue();
    assertThat(archive.waitedFor()).isEmpty();
    assertThat(archive.heard("1/0", HERE)).isTrue();
  }

  @Test
  void oneThatStandsStillWhileThereIsMoreIsGivenUp() {
    ArchiveStandby archive = standby(false);
    archive.heard("1/0", HERE);
    Lsn more = Lsn.parse("1/100");
    for (int i = 0; i < 11; i++) {
      archive.heard("1/0", more);
      pass(1);
    }
    assertThat(archive.heard("1/0", more)).isTrue();
    assertThat(archive.waitedFor()).isEmpty();
    assertThat(archive.heard("1/80", more)).as("it moves").isTrue();
    assertThat(archive.waitedFor()).isPresent();
  }

  @Test
  void oneThatHasNothingMoreToFlushStandsStillWithoutHarm() {
    ArchiveStandby archive = standby(false);
    archive.heard("1/0", HERE);
    for (int i = 0; i < 60; i++) {
      pass(1);
      assertThat(archive.heard("1/0", HERE)).isFalse();
    }
  }

  @Test
  void withStrictItAlwaysCounts() {
    ArchiveStandby archive = standby(true);
    assertThat(archive.waitedFor()).isPresent();
    pass(100);
    assertThat(archive.heard(null, HERE)).isFalse();
    archive.begin();
    assertThat(archive.waitedFor()).isPresent();
  }

  @Test
  void anotherPrimaryBeginsWithout() {
    ArchiveStandby archive = standby(false);
    archive.heard("1/0", HERE);
    archive.begin();
    assertThat(archive.waitedFor()).isEmpty();
  }

  @Test
  void anAgentThatBeginsAnewGoesOnAsItsServerDoes() {
    ArchiveStandby archive = standby(false);
    archive.resume(List.of("pgfleet archive far"));
    assertThat(archive.waitedFor()).isEmpty();
    archive.resume(List.of("pgfleet archive near"));
    assertThat(archive.waitedFor()).isPresent();
  }

  @Test
  void whatAServerShowsAfterItWasToldOtherwiseIsOld() {
    ArchiveStandby archive = standby(false);
    archive.heard("1/0", HERE);
    pass(11);
    assertThat(archive.heard(null, HERE)).isTrue();
    archive.resume(List.of("pgfleet archive near"));
    assertThat(archive.waitedFor()).isEmpty();
    assertThat(archive.heard("1/0", HERE)).as("the server is to be told").isTrue();
  }

  @Test
  void whoStreamsMattersWhereItIsWaitedForAlways() {
    ArchiveStandby archive = standby(true);
    assertThat(archive.seen("pgfleet archive near,n2,n3,psql")).isTrue();
    assertThat(archive.waitedFor().orElseThrow().streaming())
        .extracting(Object::toString)
        .contains("n2", "n3")
        .doesNotContain("pgfleet archive near");
    assertThat(archive.seen("n3,n2,psql")).isFalse();
    assertThat(archive.seen("n3")).isTrue();
    archive.begin();
    assertThat(archive.waitedFor().orElseThrow().streaming()).isEmpty();
    assertThat(standby(false).seen("n2")).isFalse();
  }
}
