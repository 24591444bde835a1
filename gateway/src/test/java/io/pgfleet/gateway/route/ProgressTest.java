package io.pgfleet.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.route.Progress.Sample;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long SPAN = 1_000;

  private final Progress progress = new Progress(SPAN);

  private void answered(long lsn, long at) {
    progress.answered(new Sample(progress.take(), lsn, at));
  }

  @Test
  void lagIsTheAgeOfTheOldestPositionThatAStandbyLacks() {
    answered(100, 0);
    answered(200, 100);
    answered(300, 200);
    assertThat(progress.behind(300, 250)).isZero();
    assertThat(progress.behind(250, 250)).isEqualTo(50);
    assertThat(progress.behind(100, 250)).isEqualTo(150);
  }

  @Test
  void aStandbyThatLacksAllThatIsRememberedIsBeyondIt() {
    answered(100, 0);
    assertThat(progress.behind(99, 1)).isGreaterThan(SPAN);
    assertThat(progress.behind(100, 1)).isZero();
  }

  @Test
  void afterAChangeOfThePrimaryAStandbyFarBehindIsNotTakenForOneThatHasAll() {
    answered(100, 0);
    answered(500, 400);
    progress.reset();
    // nobody has answered yet: what the former primary had is all that is known
    assertThat(progress.behind(100, 600)).isEqualTo(200);
    assertThat(progress.floor(0)).isEqualTo(-1);
    answered(600, 700);
    assertThat(progress.behind(500, 701)).isGreaterThan(SPAN);
    assertThat(progress.behind(600, 701)).isZero();
    answered(700, 800);
    assertThat(progress.behind(600, 810)).isEqualTo(10);
  }
}
