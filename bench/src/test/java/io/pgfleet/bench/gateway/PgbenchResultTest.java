package io.pgfleet.bench.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.bench.BenchException;
import org.junit.jupiter.api.Test;

final class PgbenchResultTest {
  private static final String OUTPUT =
      """
      transaction type: <builtin: select only>
      number of transactions actually processed: 60152
      number of failed transactions: 0 (0.000%)
      latency average = 0.798 ms
      initial connection time = 39.263 ms
      tps = 20043.312417 (without initial connection time)
      """;

  @Test
  void pgbenchsReportIsRead() {
    assertThat(PgbenchResult.parse(OUTPUT))
        .isEqualTo(new PgbenchResult(20043.312417, 0.798, 60152));
  }

  @Test
  void theReportOfConnectingEachTimeIsRead() {
    String output =
        OUTPUT
            .replace("initial connection time = 39.263 ms", "average connection time = 2.1 ms")
            .replace("without initial connection time", "including reconnection times");
    assertThat(PgbenchResult.parse(output).tps()).isEqualTo(20043.312417);
  }

  @Test
  void aRunWithoutATransactionHasNoFigures() {
    assertThatThrownBy(
            () -> PgbenchResult.parse(OUTPUT.replace("processed: 60152", "processed: 0")))
        .hasMessageContaining("not one transaction");
  }

  @Test
  void anotherReportIsRefused() {
    assertThatThrownBy(() -> PgbenchResult.parse("pgbench: error: x"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("pgbench: error: x");
  }

  @Test
  void timesOfTransactionsAreReadAndWordsInTheirPlaceAreLeftOut() {
    assertThat(PgbenchLog.elapsed("0 199 2241 0 1175850568 995598").toArray())
        .containsExactly(2241);
    assertThat(PgbenchLog.elapsed("0 200 skipped 0 1175850569 1")).isEmpty();
    assertThat(PgbenchLog.elapsed("0 201 failed 0 1175850569 1")).isEmpty();
    assertThat(PgbenchLog.elapsed("")).isEmpty();
  }

  @Test
  void aQuantileIsTheValueThatSoManyDoNotExceed() {
    int[] sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 100};
    assertThat(PgbenchLog.quantile(sorted, 0.5)).isEqualTo(5);
    assertThat(PgbenchLog.quantile(sorted, 0.99)).isEqualTo(100);
    assertThat(PgbenchLog.quantile(new int[] {7}, 0.5)).isEqualTo(7);
  }
}
