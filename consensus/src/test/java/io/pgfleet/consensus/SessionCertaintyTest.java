package io.pgfleet.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SessionCertaintyTest {
  private static final long ASKED = Long.MAX_VALUE - 500;
  // 2000 ns of timeout: a ping bound of 500 and a margin of 100.
  private final SessionCertainty certainty = new SessionCertainty(Duration.ofNanos(2000), ASKED);

  private void renewed(long sentAfter, long acknowledgedAfter) {
    certainty.acknowledged(ASKED + sentAfter, ASKED + acknowledgedAfter);
  }

  private long until() {
    return certainty.certainUntil() - ASKED;
  }

  @Test
  void nothingIsCertainBeforeTheFirstRenewal() {
    assertThat(until()).isZero();
    assertThat(certainty.isKnown()).isFalse();
  }

  @Test
  void theFirstRenewalsCountFromWhenTheSessionWasAskedFor() {
    renewed(100, 110);
    assertThat(until()).isEqualTo(1900);
    renewed(609, 620);
    assertThat(until()).isEqualTo(1900);
  }

  @Test
  void aRenewalCountsOnceAnotherSentAPingLaterIsAcknowledged() {
    renewed(100, 110);
    renewed(610, 620);
    assertThat(until()).isEqualTo(2000);
    renewed(5000, 5010);
    assertThat(until()).isEqualTo(610 + 1900);
  }

  @Test
  void aLateAcknowledgementCountsFromWhenItWasSent() {
    renewed(100, 2000);
    renewed(2400, 2410);
    assertThat(until()).isEqualTo(1900);
    renewed(2500, 2510);
    assertThat(until()).isEqualTo(2000);
  }

  @Test
  void certaintyNeverMovesBack() {
    renewed(100, 110);
    renewed(1000, 1010);
    renewed(2000, 2010);
    long best = until();
    renewed(300, 2020);
    assertThat(until()).isEqualTo(best);
    renewed(2600, 2610);
    assertThat(until()).isGreaterThan(best);
  }
}
