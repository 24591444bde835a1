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
<<<<<<< HEAD

  private static Path fleetFile(TestFolder folder) throws IOException {
    List<Integer> ports = FreePorts.several(5);
    Path file = folder.resolve("fleet.yaml");
    Files.writeString(
        file,
        """
        fleet: carddb-it
        gateway: { port: %d, metrics: { port: off } }
        consensus: { port: %d }
        groups: { main: { nodes: { n1: { port: %d }, n2: { port: %d }, n3: { port: %d } } } }
        users: { carddb: {} }
        databases: { carddb: { owner: carddb, init: ['%s', '%s'] } }
        """
            .formatted(
                ports.get(0),
                ports.get(1),
                ports.get(2),
                ports.get(3),
                ports.get(4),
                EXAMPLE.resolve("schema.sql"),
                EXAMPLE.resolve("load.sql")));
    return file;
  }

  private static Target target(RunningFleet running) {
    Connections found = running.connections().getFirst();
    return new Target(
        found.gateway().host(),
        found.gateway().port(),
        found.database(),
        found.user(),
        found.password());
  }

  private static String primary(RunningFleet running) {
    return running.status().groups().getFirst().primary().orElseThrow();
  }

  private static void awaitReady(RunningFleet running) throws InterruptedException {
    long began = System.nanoTime();
    StatusReport status = running.status();
    while (!status.ready() || !status.step().isEmpty()) {
      assertThat(status.step()).doesNotStartWith("start-up failed");
      assertThat(System.nanoTime() - began).as("%s", status).isLessThan(PATIENCE.toNanos());
      Thread.sleep(50);
      status = running.status();
    }
  }

  private static ProcessHandle postmaster(Fleet fleet, String node) {
    Path file = fleet.record().home().nodeData(new NodeName(node)).resolve("postmaster.pid");
    try {
      long pid = Long.parseLong(Files.readAllLines(file).getFirst().strip());
      return ProcessHandle.of(pid).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL, as the kernel sends it when memory runs out. */
  private static void kill(ProcessHandle process) {
    assertThat(process.destroyForcibly()).isTrue();
  }
=======
>>>>>>> main
}
