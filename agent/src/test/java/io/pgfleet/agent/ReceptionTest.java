package io.pgfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** When a standby is taken for one that can't follow. */
class ReceptionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final LocalServer RECEIVES = standby(true, false);
  private static final LocalServer HELD = standby(false, true);
  private static final LocalServer MISSING = standby(false, false);

  private final Reception reception = new Reception(PATIENCE);

  private static LocalServer standby(boolean receiving, boolean held) {
    return new LocalServer.Standby(
        7,
        1,
        new Lsn(100),
        Optional.of(new NodeName("a")),
        receiving,
        !held,
        held,
        OptionalLong.empty());
  }

  private boolean stuck(LocalServer here, boolean delayed, int second) {
    return reception.stuck(here, delayed, false, Duration.ofSeconds(second).toNanos());
  }

  @Test
  void oneThatReceivesNothingForLongIsStuckOnce() {
    assertThat(stuck(MISSING, false, 1)).isFalse();
    assertThat(stuck(MISSING, false, 16)).isFalse();
    assertThat(stuck(MISSING, false, 17)).isTrue();
    assertThat(stuck(MISSING, false, 18)).isFalse();
    assertThat(stuck(MISSING, false, 33)).isFalse();
    assertThat(stuck(MISSING, false, 34)).isTrue();
  }

  @Test
  void oneThatReceivesNowAndThenIsNot() {
    for (int second = 0; second < 100; second += 10) {
      assertThat(stuck(second % 20 == 0 ? MISSING : RECEIVES, false, second)).isFalse();
    }
  }

  @Test
  void oneIsNotDuringMaintenance() {
    assertThat(stuck(MISSING, false, 1)).isFalse();
    assertThat(reception.stuck(MISSING, false, true, Duration.ofSeconds(99).toNanos())).isFalse();
    assertThat(stuck(MISSING, false, 100)).isTrue();
  }

  @Test
  void oneWithADelayIsNotWhileItHasWalToWaitFor() {
    for (int second = 0; second < 100; second++) {
      assertThat(stuck(HELD, true, second)).isFalse();
    }
    assertThat(stuck(MISSING, true, 100)).isFalse();
    assertThat(stuck(MISSING, true, 116)).isTrue();
    assertThat(stuck(HELD, false, 200)).isFalse();
    assertThat(stuck(HELD, false, 216)).isTrue();
  }
}
