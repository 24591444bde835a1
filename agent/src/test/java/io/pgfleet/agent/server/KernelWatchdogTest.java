package io.pgfleet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.spec.WatchdogSpec;
import io.pgfleet.spec.WatchdogSpec.Mode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a node's wish comes to. */
class KernelWatchdogTest {
  private static final Path DEVICE = Path.of("/dev/watchdog1");

  private static Optional<KernelWatchdog> of(Mode mode, int lease) {
    return KernelWatchdog.of(new WatchdogSpec(mode, DEVICE), Duration.ofSeconds(lease));
  }

  @Test
  void theTimeoutIsAQuarterOfTheLeaseInWholeSeconds() {
    assertThat(of(Mode.REQUIRED, 10)).contains(new KernelWatchdog(DEVICE, 2, true, "wdctl"));
    assertThat(of(Mode.AUTOMATIC, 3)).contains(new KernelWatchdog(DEVICE, 1, false, "wdctl"));
    assertThat(of(Mode.REQUIRED, 4)).map(KernelWatchdog::seconds).contains(1);
  }

  @Test
  void withoutAWishThereIsNone() {
    assertThat(of(Mode.OFF, 10)).isEmpty();
    assertThat(KernelWatchdog.of(WatchdogSpec.OFF, Duration.ofSeconds(10))).isEmpty();
  }
}
