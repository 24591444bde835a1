package io.pgfleet.bench.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.gateway.Scores.Score;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
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

  private static Score score(double tps) {
    return new Score(new PgbenchResult(tps, 1, 50_000), Optional.of(Duration.ofSeconds(2)));
  }

  @Test
  void pgbenchsReportIsRead() {
    assertThat(PgbenchResult.parse(OUTPUT))
        .isEqualTo(new PgbenchResult(20043.312417, 0.798, 60152));
  }

  @Test
  void anotherReportIsRefused() {
    assertThatThrownBy(() -> PgbenchResult.parse("pgbench: error: x"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("pgbench: error: x");
  }

  @Test
  void processorTimeIsReadBehindANameWithAnything() {
    assertThat(ProcessTime.parse("7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 1 0 9"))
        .isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void ratiosAreTakenRoundByRound() {
    Scores scores = new Scores();
    scores.add("direct", score(100));
    scores.add("direct", score(200));
    scores.add("direct", score(400));
    scores.add("pgfleet", score(90));
    scores.add("pgfleet", score(100));
    scores.add("pgfleet", score(320));
    assertThat(scores.ratio("pgfleet", "direct").orElseThrow().median()).isEqualTo(0.8);
    assertThat(scores.ratio("pgfleet", "absent")).isEmpty();
  }

  @Test
  void theTableGivesProcessorTimeForAHundredThousandTransactions() {
    Scores scores = new Scores();
    scores.add("pgfleet", score(100));
    scores.failed("other", "does not work");
    assertThat(scores.table("select"))
        .anySatisfy(line ->
            assertThat(line.strip().split(" +"))
                .containsExactly("pgfleet", "100", "100", "100", "1.000", "4.00"))
        .contains("  other: does not work");
  }

  @Test
  void pgbouncerGetsItsUserQuotedAndPreparedStatementsOnlyIfItKnowsThem() {
    Target server = new Target("127.0.0.1", 5441, "bench", "bench", "a\"b");
    assertThat(PgBouncer.users(server)).isEqualTo("\"bench\" \"a\"\"b\"\n");
    Path users = Path.of("/x/userlist.txt");
    assertThat(PgBouncer.settings(server, 7000, 16, users, false))
        .contains("pool_mode = transaction", "default_pool_size = 16")
        .doesNotContain("max_prepared_statements", "a\"b");
    assertThat(PgBouncer.settings(server, 7000, 16, users, true))
        .contains("max_prepared_statements");
  }
}
