package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.postgres.host.FileTrees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A standby that has lost its data gets it from the repository, and a drill knows its rows. */
@Tag("together")
class StandbyFromRepositoryIT {
  private static void awaitBackup(FleetProcess fleet) throws Exception {
    for (int i = 0; i < 240 && !fleet.run("backup", "list").out().contains("-full-"); i++) {
      Thread.sleep(250);
    }
  }

  private static void loseData(FleetProcess fleet) throws Exception {
    fleet.run("down").expect(0);
    FileTrees.delete(fleet.home().resolve("nodes/n3"));
    fleet.up().expect(0);
    fleet.whole();
  }

  private static String log(FleetProcess fleet) throws Exception {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> all = Files.walk(fleet.home())) {
      for (Path file :
          all.filter(one -> one.getFileName().toString().matches("pgfleet.*\\.log")).toList()) {
        text.append(Files.readString(file));
      }
    }
    return text.toString();
  }

  private static void awaitOnStandby(FleetProcess fleet, int rows) throws Exception {
    String url = fleet.run("url", "--jdbc").expect(0).out().lines().findFirst().orElseThrow();
    String own = url.replace(":" + fleet.gatewayPort() + "/", ":" + fleet.nodePort(3) + "/");
    int seen = -1;
    for (int i = 0; i < 120 && seen != rows; i++) {
      try (Connection connection = DriverManager.getConnection(own);
          Statement statement = connection.createStatement();
          ResultSet result =
              statement.executeQuery("select count(*), pg_is_in_recovery() from noted")) {
        result.next();
        assertThat(result.getBoolean(2)).isTrue();
        seen = result.getInt(1);
      }
      Thread.sleep(250);
    }
    assertThat(seen).isEqualTo(rows);
  }

  @Test
  void lostDataComesFromTheRepositoryAndFromAServerWhereThatHasNone() throws Exception {
    try (FleetProcess fleet =
        new FleetProcess(
            """
            users: { app: }
            databases: { app: { owner: app } }
            backup:
              wal_interval: 200ms
              standbys_from: near
              repositories: { near: { folder: repository } }
            """)) {
      fleet.up().expect(0);
      awaitBackup(fleet);
      fleet.sql("create table noted as select generate_series(1, 500) as number");
      assertThat(fleet.run("backup", "create").expect(0).out()).doesNotContain("not counted");
      fleet.sql("insert into noted select generate_series(501, 700)");

      loseData(fleet);
      assertThat(log(fleet)).containsPattern("n3.* was made of backup \\S+ of repository");
      awaitOnStandby(fleet, 700);
      fleet.sql("insert into noted values (701)");
      awaitOnStandby(fleet, 701);
      assertThat(fleet.home().resolve("nodes/.n3.making")).doesNotExist();

      assertThat(fleet.run("backup", "drill").expect(0).out())
          .containsPattern("rows as of the backup +ok .* 500 rows, as they were on n[123] at ");

      FileTrees.delete(fleet.file().resolveSibling("repository"));
      loseData(fleet);
      assertThat(log(fleet)).containsPattern("n3 is copied from n[12]: ");
      awaitOnStandby(fleet, 701);
    }
  }
}
