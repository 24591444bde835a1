package io.pgfleet.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.chaos.check.Outages.Gap;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class OutagesTest {
  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }

  private static List<Duration> times(long... millis) {
    return LongStream.of(millis).mapToObj(Duration::ofMillis).toList();
  }

  @Test
  void theLongestWaitOfOneClientCountsWhereMostOfItLies() {
    List<List<Duration>> clients = List.of(times(0, 100, 900, 1000), times(0, 500, 700, 1000));
    assertThat(Outages.longest(clients, ms(300), ms(950))).isEqualTo(ms(800));
    assertThat(Outages.longest(clients, ms(600), ms(950))).isEqualTo(ms(300));
    assertThat(Outages.longest(clients, ms(0), ms(110))).isEqualTo(ms(100));
    assertThat(Outages.longest(clients, ms(901), ms(999))).isEqualTo(ms(100));
  }

  @Test
  void aTimeInWhichNobodyWasServedIsAGapOfAll() {
    List<List<Duration>> clients = List.of(times(0, 100, 900), times(50, 850));
    assertThat(Outages.ofAll(clients, ms(250))).containsExactly(new Gap(ms(100), ms(850)));
  }
}
