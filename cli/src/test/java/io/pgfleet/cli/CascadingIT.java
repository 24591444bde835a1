package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A standby that receives from another standby, through moves of the primary and its loss. */
@Tag("slow")
@Tag("together")
class CascadingIT {
  private static final String FROM_N2 = "n3 +standby +streaming +async .*receives from n2";
  private static final String FROM_PRIMARY = "n3 +standby +streaming +async (?![^\n]*receives)";

  @Test
  void aNodeReceivesFromItsUpstreamAndFromThePrimaryWhileThatIsAway() throws Exception {
    try (FleetProcess fleet = new FleetProcess("")) {
      String port = "n3: { port: " + fleet.nodePort(3);
      String yaml = Files.readString(fleet.file());
      Files.writeString(fleet.file(), yaml.replace(port, port + ", upstream: n2"));
      fleet.up().expect(0);
      final String last = direct(fleet, 3);
      fleet.sql("create table t (i int)");
      await(fleet, FROM_N2);
      assertThat(fleet.run("status").expect(0).out()).contains("a commit waits for 1 of n2");
      assertThat(
              one(
                  direct(fleet, 1),
                  "select string_agg(application_name, ',') from" + " pg_stat_replication"))
          .isEqualTo("n2");
      assertThat(fleet.run("switchover", "--to", "n3").expect(1).err())
          .contains("n3 is never promoted", "take upstream from it");
      written(fleet, last, 1);

      // What is kept on the primary for a standby that is elsewhere must not grow without end.
      String kept = "select restart_lsn from pg_replication_slots where slot_name = 'pgfleet_n3'";
      String before = one(direct(fleet, 1), kept);
      fleet.sql("create table filler as select generate_series(1, 20000) i");
      for (int i = 0; i < 100 && before.equals(one(direct(fleet, 1), kept)); i++) {
        Thread.sleep(100);
      }
      assertThat(one(direct(fleet, 1), kept)).isNotEqualTo(before);

      // Nor must vacuum wait for ever for queries that it has elsewhere now.
      String held = "select xmin is null from pg_replication_slots where slot_name = 'pgfleet_n3'";
      for (int i = 0; i < 100 && !"t".equals(one(direct(fleet, 1), held)); i++) {
        Thread.sleep(100);
      }
      assertThat(one(direct(fleet, 1), held)).isEqualTo("t");

      // While its upstream is the primary it is a standby like others, and goes on without a
      // change.
      fleet.run("switchover", "--to", "n2").expect(0);
      written(fleet, last, 2);
      await(fleet, FROM_PRIMARY);
      fleet.run("switchover", "--to", "n1").expect(0);
      written(fleet, last, 3);
      await(fleet, FROM_N2);

      List<Long> upstream = fleet.processesOf(2);
      try {
        FleetProcess.signal("-STOP", upstream);
        fleet.sql("insert into t values (0)");
        awaitRows(last, 4);
        await(fleet, FROM_PRIMARY);
      } finally {
        FleetProcess.signal("-CONT", upstream);
      }
      await(fleet, FROM_N2);
      written(fleet, last, 5);
    }
  }

  /** The address of a node itself. */
  private static String direct(FleetProcess fleet, int node) throws Exception {
    String gateway = ":" + fleet.gatewayPort() + "/";
    String jdbc = fleet.run("url", "--jdbc").expect(0).out().strip();
    return jdbc.replace(gateway, ":" + fleet.nodePort(node) + "/");
  }

  private static void written(FleetProcess fleet, String last, int rows) throws Exception {
    fleet.sql("insert into t values (0)");
    awaitRows(last, rows);
  }

  private static void awaitRows(String jdbc, int rows) throws Exception {
    String wanted = Integer.toString(rows);
    String seen = "";
    for (int i = 0; i < 400 && !seen.equals(wanted); i++) {
      seen = one(jdbc, "select count(*) from t");
      Thread.sleep(100);
    }
    assertThat(seen).isEqualTo(wanted);
  }

  private static void await(FleetProcess fleet, String line) throws Exception {
    String seen = "";
    for (int i = 0; i < 40; i++) {
      seen = fleet.run("status").out();
      if (seen.matches("(?s).*" + line + ".*")) {
        return;
      }
      Thread.sleep(300);
    }
    assertThat(seen).containsPattern(line);
  }

  private static String one(String jdbc, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbc);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }
}
