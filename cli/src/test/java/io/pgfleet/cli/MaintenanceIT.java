package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Maintenance of a fleet of real servers. */
@Tag("together")
class MaintenanceIT {
  /** Longer than a failover or a restart in place takes. */
  private static final long LONG_ENOUGH_MILLIS = 8_000;

  private static void awaitPrimary(FleetProcess fleet) throws Exception {
    for (int i = 0; i < 300; i++) {
      if (fleet.run("status").out().contains("primary n")) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no primary: " + fleet.run("status").out());
  }

  @Test
  void duringAPauseNobodyIsStartedOrPromotedAndAfterItTheGroupHeals() throws Exception {
    try (FleetProcess fleet = new FleetProcess("")) {
      fleet.up().expect(0);
      fleet.sql("create table t (i int)");
      assertThat(fleet.run("resume").expect(0).out()).contains("not paused");
      assertThat(fleet.run("pause").expect(0).out()).contains("paused");
      assertThat(fleet.run("pause").expect(0).out()).contains("paused since");
      assertThat(fleet.run("status").expect(0).out()).contains("paused since");
      assertThat(fleet.run("status", "--json").out()).contains("\"pausedSince\":\"2");
      assertThat(fleet.run("switchover").expect(1).err()).contains("paused").contains("resume");
      fleet.sql("insert into t values (1)");

      // A standby and the primary are taken down, as an operator would.
      List<Long> pids = fleet.serverPids();
      FleetProcess.kill(List.of(pids.get(2)));
      FleetProcess.kill(List.of(pids.get(0)));
      Thread.sleep(LONG_ENOUGH_MILLIS);
      assertThat(fleet.run("status").expect(4).out())
          .contains("no primary")
          .contains("term 1")
          .contains("for the end of the pause");
      assertThat(FleetProcess.noneRuns(List.of(pids.get(0), pids.get(2)))).isTrue();
      assertThat(fleet.run("pause").expect(0).out()).contains("paused since");

      assertThat(fleet.run("resume").expect(0).out()).contains("resumed");
      awaitPrimary(fleet);
      fleet.sql("insert into t values (2)");
      assertThat(fleet.sql("select count(*) from t")).isEqualTo("2");
    }
  }

  private static boolean moved(String status) {
    return status.contains("primary n2") && !status.contains("moves to");
  }

  @Test
  void aMoveHappensAtItsTimeUnlessItIsCancelledAndAPauseOutlivesTheProgram() throws Exception {
    try (FleetProcess fleet = new FleetProcess("")) {
      fleet.up().expect(0);
      assertThat(fleet.run("switchover", "--at", "yesterday").expect(2).err()).contains("no time");
      assertThat(fleet.run("switchover", "--at", "+5m", "--to", "n9").expect(1).err())
          .contains("no node n9");
      fleet.run("switchover", "--at", "+5m", "--to", "n3").expect(0);
      assertThat(fleet.run("status").expect(0).out()).contains("the primary moves to n3 at ");
      assertThat(fleet.run("switchover", "--cancel").expect(0).out()).contains("taken back");
      assertThat(fleet.run("switchover", "--cancel").expect(0).out()).contains("no move");
      assertThat(fleet.run("status").expect(0).out()).doesNotContain("moves to");

      fleet.run("switchover", "--at", "+12s", "--to", "n2").expect(0);
      assertThat(fleet.run("status").expect(0).out()).contains("primary n1");
      String status = "";
      for (int i = 0; i < 200 && (i == 0 || !moved(status)); i++) {
        Thread.sleep(100);
        status = fleet.run("status").out();
      }
      assertThat(moved(status)).as(status).isTrue();

      fleet.run("pause").expect(0);
      List<Long> servers = fleet.serverPids();
      FleetProcess.kill(List.of(fleet.programPid()));
      fleet.up().expect(0);
      assertThat(fleet.serverPids()).isEqualTo(servers);
      assertThat(fleet.run("status").expect(0).out()).contains("paused since");
      assertThat(fleet.sql("select 1")).isEqualTo("1");
      assertThat(fleet.run("resume").expect(0).out()).contains("resumed");
      fleet.run("switchover", "--to", "n1").expect(0);
    }
  }
}
