package io.pgfleet.bench.carddb;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.bench.carddb.Operation.Kind;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class LatenciesTest {
  private final Latencies latencies = new Latencies();

  @Test
  void theTableSumsUpAllSeconds() {
    latencies.record(Kind.ADD, Duration.ofMillis(2));
    assertThat(latencies.interval().getTotalCount()).isEqualTo(1);
    latencies.record(Kind.ADD, Duration.ofMillis(8));
    assertThat(latencies.interval().getTotalCount()).isEqualTo(1);
    assertThat(latencies.table())
        .hasSize(Kind.values().length + 1)
        .anySatisfy(line ->
            assertThat(line.split(" +")).containsExactly("add", "2", "2.00", "8.00", "8.00"))
        .anySatisfy(line ->
            assertThat(line.split(" +")).containsExactly("trade", "0", "0.00", "0.00", "0.00"));
  }

  @Test
  void aSecondIsOneLine() {
    Histogram done = new Histogram(3);
    done.recordValue(1500);
    assertThat(Workload.line(7, done, 2, 1, Duration.ZERO))
        .isEqualTo("   7 s       1 tps  p50    1.50 ms  p99     1.50 ms  errors 2  retries 1");
  }

  @Test
  void aSecondWithoutAnyAnswerSaysForHowLong() {
    assertThat(Workload.line(8, new Histogram(3), 0, 0, Duration.ofMillis(1100)))
        .endsWith("(no write acknowledged for 1.1 s)");
  }

  @Test
  void theLongestGapIsKept() {
    AckGap gap = new AckGap(0);
    gap.acknowledged(Duration.ofMillis(300).toNanos());
    gap.acknowledged(Duration.ofMillis(1300).toNanos());
    gap.acknowledged(Duration.ofMillis(1200).toNanos());
    gap.acknowledged(Duration.ofMillis(1400).toNanos());
    assertThat(gap.longest()).isEqualTo(Duration.ofSeconds(1));
    assertThat(gap.current(Duration.ofMillis(1500).toNanos())).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void atARateOperationsAreDueOneIntervalApartHoweverLateTheLastWas() throws InterruptedException {
    long[] now = {0};
    Pace pace = Pace.every(Duration.ofMillis(10), Duration.ZERO, () -> now[0]);
    assertThat(pace.awaitTurn()).isZero();
    now[0] = Duration.ofSeconds(5).toNanos();
    assertThat(pace.awaitTurn()).isEqualTo(Duration.ofMillis(10).toNanos());
    assertThat(pace.awaitTurn()).isEqualTo(Duration.ofMillis(20).toNanos());
  }
}
