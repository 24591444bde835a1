package io.pgfleet.bench.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TimingsTest {
  @Test
  void rowsStandInTheOrderInWhichTheyCameWithMedianAndRange() {
    Timings timings = new Timings();
    timings.add("first up", Duration.ofSeconds(9));
    timings.add("status", Duration.ofMillis(400));
    timings.add("first up", Duration.ofSeconds(7));
    timings.add("first up", Duration.ofMillis(7500));
    assertThat(timings.table()).hasSize(3);
    assertThat(timings.table().get(1).split("  +"))
        .containsExactly("first up", "7.50", "7.00", "9.00", "3");
    assertThat(timings.table().get(2)).startsWith("status");
  }
}
