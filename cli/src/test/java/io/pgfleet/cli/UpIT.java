package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.Programs.Ended;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a user runs it. */
@Tag("together")
class UpIT {
  private static final String CARDS =
      """
      users:
        cards: {}
      databases:
        cards: { owner: cards, init: [cards.sql] }
      """;

  @TempDir private Path files;

  private FleetProcess withCards() throws Exception {
    Path sql = files.resolve("cards.sql");
    Path csv = Files.writeString(files.resolve("cards.csv"), "name\nFool\nMagician\n");
    Files.writeString(
        sql,
        "create table card (name text primary key);\n\\copy card from '%s' csv header\n"
            .formatted(csv));
    return new FleetProcess(CARDS.replace("cards.sql", sql.toString()));
  }

  @Test
  void aFleetComesUpAndEveryWayInSeesItsData() throws Exception {
    try (FleetProcess fleet = withCards()) {
      Ended up = fleet.up().expect(0);
      String url = fleet.url();
      assertThat(up.out()).contains("connect: psql \"" + url + "\"");

      Ended status = fleet.run("status").expect(0);
      assertThat(status.out()).contains("primary n1").containsPattern("n2 +standby streaming");
      assertThat(status.out()).containsPattern("n3 +standby streaming");
      assertThat(fleet.run("status", "--json").expect(0).out()).contains("\"ready\":true");

      assertThat(fleet.sql("select count(*) from card")).isEqualTo("2");
      String jdbc = fleet.run("url", "--jdbc").expect(0).out().strip();
      try (Connection connection = DriverManager.getConnection(jdbc);
          Statement statement = connection.createStatement();
          ResultSet cards = statement.executeQuery("select name from card order by name")) {
        assertThat(cards.next()).isTrue();
        assertThat(cards.getString(1)).isEqualTo("Fool");
      }
      psqlConnects(fleet, url);
      assertThat(fleet.run("route", "DELETE FROM card").expect(0).out())
          .containsPattern("route +primary")
          .containsPattern("n2 +serves");
      assertThat(fleet.run("route").expect(2).err()).contains("STATEMENT");
      assertThat(fleet.up().expect(1).err()).contains("already running").contains("hint:");
      assertThat(fleet.run("logs", "n1", "-n", "5").expect(0).out()).isNotBlank();
      assertThat(fleet.run("logs", "n9").expect(2).err()).contains("the nodes are n1, n2, n3");

      List<Long> servers = fleet.serverPids();
      assertThat(servers).hasSize(3);
      fleet.run("down").expect(0);
      assertThat(FleetProcess.noneRuns(servers)).isTrue();
      assertThat(fleet.run("status").expect(3).err()).contains("not running");
    }
  }

  private static void psqlConnects(FleetProcess fleet, String url) throws Exception {
    if (Files.isExecutable(Path.of("/usr/bin/psql"))) {
      Ended psql =
          fleet.exec(List.of("/usr/bin/psql", url, "-Atc", "select name from card order by 1"));
      assertThat(psql.expect(0).out().lines()).containsExactly("Fool", "Magician");
    }
  }

  @Test
  void serversOutliveTheProgramAndAFleetComesBackAfterKillNineOfEverything() throws Exception {
    try (FleetProcess fleet = withCards()) {
      fleet.up().expect(0);
      List<Long> servers = fleet.serverPids();
      FleetProcess.kill(List.of(fleet.programPid()));
      fleet.run("status").expect(3);
      assertThat(servers).allMatch(pid -> ProcessHandle.of(pid).orElseThrow().isAlive());
      fleet.up().expect(0);
      assertThat(fleet.serverPids()).isEqualTo(servers);
      assertThat(fleet.sql("insert into card values ('new') returning name")).startsWith("new");
      fleet.sql("insert into card select 'card ' || i from generate_series(1, 1000) i");

      List<Long> all = new ArrayList<>(fleet.serverPids());
      all.add(fleet.programPid());
      FleetProcess.kill(all);
      fleet.up().expect(0);
      assertThat(fleet.sql("select count(*) from card")).isEqualTo("1003");

      List<Long> last = fleet.serverPids();
      FleetProcess.kill(List.of(fleet.programPid()));
      assertThat(fleet.run("down").expect(0).out()).contains("stopping the server in");
      assertThat(FleetProcess.noneRuns(last)).isTrue();
    }
  }

  @Test
  void aPortThatIsTakenIsToldBeforeAnythingStartsAndDeletingDataAsksFirst() throws Exception {
    try (FleetProcess fleet = withCards()) {
      for (int port : List.of(fleet.nodePort(2), fleet.gatewayPort(), fleet.consensusPort())) {
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
          assertThat(taken.isBound()).isTrue();
          assertThat(fleet.up().expect(1).err()).contains(Integer.toString(port));
        }
        assertThat(fleet.home().resolve("nodes")).doesNotExist();
      }
      fleet.up().expect(0);
      assertThat(fleet.run("down", "--destroy").expect(2).err()).contains("--yes");
      assertThat(fleet.sql("select 1")).isEqualTo("1");
      List<Long> servers = fleet.serverPids();
      fleet.run("down", "--destroy", "--yes").expect(0);
      assertThat(FleetProcess.noneRuns(servers)).isTrue();
      assertThat(fleet.home()).doesNotExist();
    }
  }

  @Test
  void anInitFileThatFailsIsToldAndRunAgainOnceItIsMended() throws Exception {
    Path sql =
        Files.writeString(files.resolve("bad.sql"), "create table a (i int);\nselect nonsense;\n");
    try (FleetProcess fleet = new FleetProcess(CARDS.replace("cards.sql", sql.toString()))) {
      Ended up = fleet.up();
      assertThat(up.status()).as(up.toString()).isEqualTo(1);
      assertThat(up.out() + up.err()).contains(sql.getFileName() + ":2").contains("nonsense");
      fleet.run("down").expect(0);
      Files.writeString(sql, "create table a (i int);\n");
      fleet.up().expect(0);
      assertThat(fleet.sql("select count(*) from a")).isEqualTo("0");
    }
  }

  @Test
  void aFleetOfOneNodeWorksAndItsServerIsStartedAgainInItsPlace() throws Exception {
    try (FleetProcess fleet = withCards()) {
      String yaml = Files.readString(fleet.file());
      Files.writeString(fleet.file(), yaml.replaceAll("(?m)^      n[23].*\n", ""));
      fleet.up().expect(0);
      fleet.sql("insert into card values ('kept')");
      FleetProcess.kill(fleet.serverPids());
      assertThat(fleet.sql("select count(*) from card")).isEqualTo("3");
    }
  }

  @Test
  void aWrongFileAndAWrongCommandLineChangeNothing() throws Exception {
    try (FleetProcess fleet = withCards()) {
      String yaml = Files.readString(fleet.file());
      Files.writeString(fleet.file(), yaml.replace("gateway:", "gatway:"));
      assertThat(fleet.up().expect(2).err())
          .contains("fleet.yaml:8:1: gatway: unknown key")
          .contains("did you mean gateway?");
      assertThat(fleet.run("validate", fleet.file().toString()).expect(2).err()).contains("gatway");
      Files.writeString(fleet.file(), yaml);
      assertThat(fleet.run("validate", fleet.file().toString()).expect(0).out())
          .contains("is valid");
      assertThat(fleet.run("statsu").expect(2).err()).contains("Did you mean").contains("status");
      assertThat(fleet.run("status").expect(3).err()).contains("hint: 'pgfleet up' starts one");
      assertThat(fleet.home()).doesNotExist();
    }
  }
}
