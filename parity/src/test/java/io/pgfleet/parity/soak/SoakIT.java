package io.pgfleet.parity.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The soak, for half a minute; {@code ./pgfleet soak} goes on for as long as wanted. */
final class SoakIT {
  private static final Duration TIME = Duration.ofSeconds(15);

  @Test
  void clientsThatLeaveCancelAndAreKilledSeeNothingOfEachOther() throws Exception {
    long seed = System.nanoTime() & 0xFFFFF;
    System.out.println("seed " + seed);
    try (ErrorOutput log = new ErrorOutput()) {
      Soak.Outcome outcome = new Soak(40, TIME, seed).run();
      assertThat(outcome.violations()).as("seed %d", seed).isEmpty();
      assertThat(log.exceptions()).as("seed %d", seed).isEmpty();
      assertThat(outcome.counts())
          .as("what was done")
          .containsKeys("acts", "cancels", "break-offs", "server connections killed");
      assertThat(outcome.counts().get("acts")).isGreaterThan(1000);
    }
  }
}
