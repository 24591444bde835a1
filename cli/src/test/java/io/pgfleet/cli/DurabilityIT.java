package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a fleet does with each durability when servers are lost or hang. */
@Tag("slow")
final class DurabilityIT {
  /** Longer than a primary needs to give a standby up: its walsender's timeout and the absence. */
  private static final int GIVEN_UP_SECONDS = 18;

  private static FleetProcess fleet(String durability) throws Exception {
    FleetProcess fleet = new FleetProcess("");
    String yaml = Files.readString(fleet.file());
    Files.writeString(fleet.file(), yaml.replace("  main:\n", "  main:\n" + durability));
    return fleet;
  }

  @Test
  void strictWritesWaitForAStandbyAndGoOnWhenItIsBack() throws Exception {
    try (FleetProcess fleet = fleet("    durability: strict\n")) {
      fleet.up().expect(0);
      fleet.sql("create table t (a int)");
      assertThat(fleet.run("sql", "-c", "set synchronous_commit = off").err())
          .contains("permission denied to lower");
      List<Long> standbys = new ArrayList<>();
      try {
        standbys.addAll(fleet.processesOf(2));
        standbys.addAll(fleet.processesOf(3));
        FleetProcess.signal("-STOP", standbys);
        CompletableFuture<String> insert =
            CompletableFuture.supplyAsync(() -> unchecked(fleet, "insert into t values (1)"));
        TimeUnit.SECONDS.sleep(GIVEN_UP_SECONDS);
        assertThat(insert).as("a commit without a standby").isNotDone();
        FleetProcess.signal("-CONT", standbys);
        assertThat(insert.get(60, TimeUnit.SECONDS)).contains("INSERT 0 1");
      } finally {
        FleetProcess.signal("-CONT", standbys);
      }
      assertThat(fleet.sql("select count(*) from t")).isEqualTo("1");
    }
  }

  @Test
  void asyncPromotesAStandbyThatIsNearEnough() throws Exception {
    try (FleetProcess fleet = fleet("    durability: async\n")) {
      fleet.up().expect(0);
      fleet.sql("create table t as select i from generate_series(1, 1000) i");
      assertThat(fleet.run("switchover", "--to", "n2").expect(0).out())
          .contains("n2 is the primary");
      assertThat(fleet.sql("select count(*) from t")).isEqualTo("1000");
      assertThat(fleet.run("switchover", "--to", "n1").expect(0).out())
          .contains("n1 is the primary");
      assertThat(fleet.run("status").out()).contains("a commit waits for the primary alone");
      // Both standbys have it, and the primary has said so.
      TimeUnit.SECONDS.sleep(3);
      lose(fleet);
      assertThat(fleet.sql("insert into t values (0) returning (select count(*) from t)"))
          .startsWith("1000");
      assertThat(fleet.run("status").out()).containsPattern("primary n[23]");
    }
  }

  @Test
  void asyncPromotesNobodyPastTheBoundAndSaysWhy() throws Exception {
    try (FleetProcess fleet = fleet("    durability: async\n    max_lag_on_failover: 64kB\n")) {
      fleet.up().expect(0);
      fleet.sql("create table t (a int, b text)");
      List<Long> standbys = new ArrayList<>(fleet.processesOf(2));
      standbys.addAll(fleet.processesOf(3));
      try {
        FleetProcess.signal("-STOP", standbys);
        // More than connections hold on their way.
        fleet.sql("insert into t select i, repeat('x', 100) from generate_series(1, 300000) i");
        TimeUnit.SECONDS.sleep(3);
        lose(fleet);
      } finally {
        FleetProcess.signal("-CONT", standbys);
      }
      String status = "";
      for (int i = 0; i < 60 && !status.contains("max_lag_on_failover"); i++) {
        TimeUnit.MILLISECONDS.sleep(500);
        status = fleet.run("status").out();
      }
      assertThat(status).contains("more than max_lag_on_failover (65536 bytes)");
      TimeUnit.SECONDS.sleep(5);
      assertThat(fleet.run("status").out()).doesNotContainPattern("primary n[23]");
    }
  }

  /** The primary's data is gone, and it with it. */
  private static void lose(FleetProcess fleet) throws IOException, InterruptedException {
    Path data = fleet.home().resolve("nodes").resolve("n1");
    List<Long> pids = List.of(fleet.serverPids().getFirst());
    Files.move(data, data.resolveSibling("lost"));
    FleetProcess.kill(pids);
  }

  private static String unchecked(FleetProcess fleet, String sql) {
    try {
      Programs.Ended ended = fleet.run("sql", "-c", sql);
      return ended.out() + ended.err();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
