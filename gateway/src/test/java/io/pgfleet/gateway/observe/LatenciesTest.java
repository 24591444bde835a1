package io.pgfleet.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LatenciesTest {
  @Test
  void everyDurationFallsIntoTheFirstBucketThatHoldsIt() {
    List<Duration> bounds = Latencies.bounds();
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      long nanoseconds = (long) Math.exp(random.nextDouble() * 27) - 1;
      Latencies latencies = new Latencies();
      latencies.record(nanoseconds);
      for (int bucket = 0; bucket <= bounds.size(); bucket++) {
        boolean above = bucket == 0 || nanoseconds > bounds.get(bucket - 1).toNanos();
        boolean below = bucket == bounds.size() || nanoseconds <= bounds.get(bucket).toNanos();
        assertThat(latencies.count(bucket)).as("seed %s", seed).isEqualTo(above && below ? 1 : 0);
      }
      assertThat(latencies.sum()).isEqualTo(Duration.ofNanos(nanoseconds));
    }
  }

  @Test
  void sumsAreTheSumsOfTheParts() {
    Figures all = new Figures();
    for (int i = 1; i <= 3; i++) {
      Figures part = new Figures();
      part.received = i;
      part.error("42601");
      part.error("");
      part.pinned("LISTEN");
      part.queries(Route.STANDBY).record(1_000_000L * i);
      all.add(part);
    }
    assertThat(all.received).isEqualTo(6);
    assertThat(all.errors()).containsEntry("42", 3L).containsEntry("XX", 3L);
    assertThat(all.pins()).containsEntry("LISTEN", 3L);
    assertThat(all.queryCount()).isEqualTo(3);
    assertThat(all.queryTime()).isEqualTo(Duration.ofMillis(6));
    assertThat(all.copy().queryTime()).isEqualTo(all.queryTime());
  }

  @Test
  void aLedgerIsBounded() {
    Ledger ledger = new Ledger();
    for (int i = 0; i < 3_000; i++) {
      ledger.of("db" + i, "user").received++;
    }
    assertThat(ledger.copy()).hasSizeLessThanOrEqualTo(1_001);
    long sum = ledger.copy().values().stream().mapToLong(figures -> figures.received).sum();
    assertThat(sum).isEqualTo(3_000);
  }
}
