package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.bench.Target;
import io.pgfleet.bench.carddb.ItemLoader;
import io.pgfleet.bench.carddb.Verdict;
import io.pgfleet.bench.carddb.Workload;
import io.pgfleet.bench.carddb.WorkloadSettings;
import io.pgfleet.testkit.TestFolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The CardDB example on a real fleet, and the worst that can happen to its primary meanwhile. */
final class CardDbFailoverIT {
  private static final int ITEMS = 5_000;
  private static final int CLIENTS = 6;
  private static final int RATE = 120;
  private static final Duration RUN = Duration.ofSeconds(30);

  /** The line, so the second, at which the primary dies. */
  private static final int KILL_AT = 6;

  @Test
  void aKilledPrimaryCostsNoAcknowledgedWriteAndNoConnection() throws Exception {
    try (TestFolder folder = TestFolder.create();
        CardDbFleet fleet = CardDbFleet.start(folder, "")) {
      killUnderLoad(fleet);
    }
  }

  private static void killUnderLoad(CardDbFleet fleet) throws InterruptedException {
    Target target = fleet.target();
    assertThat(new ItemLoader(target).load(ITEMS, 1, line -> {})).isEqualTo(ITEMS);
    assertThat(new ItemLoader(target).load(ITEMS, 1, line -> {})).isZero();
    String first = fleet.primary();

    List<String> lines = new ArrayList<>();
    Verdict verdict =
        new Workload(target, new WorkloadSettings(CLIENTS, RUN, OptionalInt.of(RATE), 1))
            .run(line -> {
              lines.add(line);
              if (lines.size() == KILL_AT) {
                fleet.kill(first);
              }
            });
    lines.addAll(verdict.lines());
    String story = String.join("\n", lines);

    assertThat(verdict.acknowledged()).as(story).isPositive();
    assertThat(verdict.missing()).as(story).isZero();
    assertThat(verdict.kept()).as(story).isTrue();
    assertThat(verdict.givenUp()).as(story).isZero();
    assertThat(verdict.reconnected()).as(story).isZero();
    assertThat(verdict.clients())
        .as(story)
        .allSatisfy(client ->
            // Its last acknowledged write is later than the kill.
            assertThat(client.silence()).isLessThan(RUN.minusSeconds(KILL_AT + 1)));

    fleet.awaitReady();
    assertThat(fleet.primary()).as(story).isNotEqualTo(first);
    assertThat(fleet.status().groups().getFirst().nodes())
        .hasSize(3)
        .filteredOn(node -> node.role().equals("standby"))
        .hasSize(2)
        .allSatisfy(node -> assertThat(node.state()).isEqualTo("streaming"));
  }
}
