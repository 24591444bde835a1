package io.pgfleet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class QuantilesTest {
  @Test
  void theMedianOfAnOddNumberIsTheMiddleOne() {
    assertThat(Quantiles.of(List.of(3.0, 1.0, 9.0))).isEqualTo(new Quantiles(3, 1, 9, 3));
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertThat(Quantiles.of(List.of(4.0, 1.0, 2.0, 9.0)).median()).isEqualTo(3.0);
  }

  @Test
  void nothingHasNoMedian() {
    assertThatThrownBy(() -> Quantiles.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void memoryIsToldInGibibytes() {
    assertThat(MachineFacts.size("16777216 kB")).isEqualTo("16.0 GiB");
  }
}
