package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A node that applies changes only some time after the primary, as a real server. */
class DelayedIT {
  private static final Duration DELAY = Duration.ofSeconds(15);

  @Test
  void aDelayedNodeKeepsTheStateOfBeforeAndFollowsWhoeverIsPrimary() throws Exception {
    try (FleetProcess fleet = new FleetProcess("")) {
      String port = "n3: { port: " + fleet.nodePort(3);
      String yaml = Files.readString(fleet.file());
      Files.writeString(
          fleet.file(), yaml.replace(port, port + ", delay: " + DELAY.toSeconds() + "s"));
      fleet.up().expect(0);
      String late =
          fleet
              .run("url", "--jdbc")
              .expect(0)
              .out()
              .strip()
              .replace(":" + fleet.gatewayPort() + "/", ":" + fleet.nodePort(3) + "/");
      fleet.sql("create table t (i int)");
      fleet.sql("insert into t values (1)");
      final long inserted = System.nanoTime();
      assertThat(count(late)).isEqualTo(-1);
      assertThat(fleet.run("status").expect(0).out())
          .contains("a commit waits for 1 of n2")
          .containsPattern("n3 +standby +streaming +async .*delayed 15s");
      assertThat(fleet.run("switchover", "--to", "n3").expect(1).err())
          .contains("n3 is never promoted", "take delay from it");
      for (int i = 0; i < 5; i++) {
        assertThat(fleet.sql("select inet_server_port()"))
            .isNotEqualTo(Integer.toString(fleet.nodePort(3)));
      }
      await(late, 1, DELAY.plusSeconds(20));
      assertThat(System.nanoTime() - inserted)
          .isGreaterThan(DELAY.minus(Duration.ofSeconds(1)).toNanos());

      final long dropped = System.nanoTime();
      fleet.sql("drop table t");
      // On an idle fleet, too: the lock of what is dropped is held back with the rest.
      for (int i = 0; i < 2; i++) {
        assertThat(count(late)).isEqualTo(1);
        Thread.sleep(1000);
      }

      // The switchover comes while it waits, and its WAL receiver is not there again at once.
      fleet.run("switchover", "--to", "n2").expect(0);
      int shown = count(late);
      if (System.nanoTime() - dropped < DELAY.minusSeconds(1).toNanos()) {
        assertThat(shown).isEqualTo(1);
      }
      fleet.sql("create table t (i int)");
      fleet.sql("insert into t values (1), (2)");
      assertThat(fleet.whole().out())
          .contains("primary n2")
          .containsPattern("n3 +standby .*delayed 15s");
      await(late, 2, DELAY.multipliedBy(3));
      for (int i = 0; i < 100 && !streams(fleet); i++) {
        Thread.sleep(100);
      }
      assertThat(streams(fleet)).isTrue();
    }
  }

  private static boolean streams(FleetProcess fleet) throws Exception {
    return fleet.whole().out().matches("(?s).*n3 +standby +streaming +async.*");
  }

  private static void await(String jdbc, int rows, Duration within) throws Exception {
    long began = System.nanoTime();
    int seen = count(jdbc);
    while (seen != rows && System.nanoTime() - began < within.toNanos()) {
      Thread.sleep(200);
      seen = count(jdbc);
    }
    assertThat(seen).isEqualTo(rows);
  }

  /** How many rows the node shows; -1 where it has no such table, -2 where it is locked. */
  private static int count(String jdbc) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbc);
        Statement statement = connection.createStatement()) {
      statement.execute("set lock_timeout = '500ms'");
      try (ResultSet rows = statement.executeQuery("select count(*) from t")) {
        rows.next();
        return rows.getInt(1);
      }
    } catch (SQLException e) {
      return switch (e.getSQLState()) {
        case "42P01" -> -1;
        case "55P03" -> -2;
        default -> throw e;
      };
    }
  }
}
