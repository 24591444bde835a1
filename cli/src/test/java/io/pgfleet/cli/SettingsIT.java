package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.Programs.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** PostgreSQL settings of fleet.yaml on running servers. */
@Tag("together")
class SettingsIT {
  private static void settings(FleetProcess fleet, String settings) throws IOException {
    String yaml = Files.readString(fleet.file()).replaceAll("(?m)^postgres:.*\n", "");
    Files.writeString(fleet.file(), yaml + "postgres: { settings: { " + settings + " } }\n");
  }

  /** What each server says, past the gateway. */
  private static List<String> each(FleetProcess fleet, String query) throws Exception {
    String jdbc = fleet.run("url", "--jdbc").expect(0).out().strip();
    List<String> answers = new ArrayList<>();
    for (int node = 1; node <= 3; node++) {
      String url = jdbc.replace(":" + fleet.gatewayPort() + "/", ":" + fleet.nodePort(node) + "/");
      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement();
          ResultSet result = statement.executeQuery(query)) {
        assertThat(result.next()).isTrue();
        answers.add(result.getString(1));
      }
    }
    return answers;
  }

  private static List<String> shown(FleetProcess fleet, String setting) throws Exception {
    return each(fleet, "show " + setting);
  }

  private static void awaitShown(FleetProcess fleet, String setting, String value)
      throws Exception {
    List<String> wanted = List.of(value, value, value);
    for (int i = 0; i < 150 && !shownByAll(fleet, setting, wanted); i++) {
      Thread.sleep(100);
    }
    assertThat(shown(fleet, setting)).isEqualTo(wanted);
  }

  /** Not while a server is still on its way. */
  private static boolean shownByAll(FleetProcess fleet, String setting, List<String> wanted)
      throws Exception {
    try {
      return shown(fleet, setting).equals(wanted);
    } catch (SQLException e) {
      return false;
    }
  }

  @Test
  void settingsChangeByReloadOrByRestartsInAnOrderInWhichStandbysGoOn() throws Exception {
    try (FleetProcess fleet = new FleetProcess("")) {
      fleet.up().expect(0);
      assertThat(fleet.run("apply").expect(0).out()).contains("nothing has changed");
      List<Long> servers = fleet.serverPids();

      settings(fleet, "work_mem: 8MB");
      Ended plan = fleet.run("apply", "--dry-run", fleet.file().toString()).expect(0);
      assertThat(plan.out()).contains("work_mem: 4MB -> 8MB").contains("at once, by a reload");
      assertThat(shown(fleet, "work_mem")).containsOnly("4MB");
      assertThat(fleet.run("reload").expect(0).out()).contains("pgfleet apply");
      fleet.run("apply").expect(0);
      awaitShown(fleet, "work_mem", "8MB");
      assertThat(fleet.serverPids()).isEqualTo(servers);
      assertThat(fleet.run("apply").expect(0).out()).contains("nothing has changed");

      settings(fleet, "work_mem: 8MB, max_connections: 150");
      assertThat(fleet.run("apply", "--dry-run").expect(0).out())
          .contains("max_connections: 100 -> 150")
          .contains("standbys first");
      fleet.run("apply").expect(0);
      awaitShown(fleet, "max_connections", "150");
      List<Long> grown = fleet.serverPids();
      assertThat(grown).doesNotContainAnyElementsOf(servers);
      assertThat(fleet.whole().out()).contains("primary n1");
      assertThat(startedInOrder(fleet).getLast()).isEqualTo("n1");

      settings(fleet, "max_connections: 60");
      assertThat(fleet.run("apply", "--dry-run").expect(0).out())
          .contains("max_connections: 150 -> 60")
          .contains("the primary first")
          .contains("work_mem: 8MB -> its default");
      fleet.run("apply").expect(0);
      awaitShown(fleet, "max_connections", "60");
      awaitShown(fleet, "work_mem", "4MB");
      assertThat(startedInOrder(fleet).getFirst()).isEqualTo("n1");
      assertThat(fleet.whole().out()).doesNotContain("restart");

      // A program that starts beside servers that run restarts none.
      settings(fleet, "max_connections: 60, max_worker_processes: 9");
      FleetProcess.kill(List.of(fleet.programPid()));
      fleet.up().expect(0);
      awaitStatus(fleet, "settings of n1, n2, n3 wait for a restart: 'pgfleet restart --rolling'");
    }
  }

  private static void awaitStatus(FleetProcess fleet, String words) throws Exception {
    for (int i = 0; i < 60 && !fleet.run("status").out().contains(words); i++) {
      Thread.sleep(200);
    }
    assertThat(fleet.run("status").out()).contains(words);
  }

  /** The nodes, the one that started longest ago first. */
  private static List<String> startedInOrder(FleetProcess fleet) throws Exception {
    List<String> starts = each(fleet, "select extract(epoch from pg_postmaster_start_time())");
    List<String> nodes = new ArrayList<>(List.of("n1", "n2", "n3"));
    nodes.sort(
        java.util.Comparator.comparingDouble(
            node -> Double.parseDouble(starts.get(node.charAt(1) - '1'))));
    return nodes;
  }

  @Test
  void aWrongSettingChangesNothing() throws Exception {
    try (FleetProcess fleet = new FleetProcess("")) {
      fleet.up().expect(0);
      List<Long> servers = fleet.serverPids();
      settings(fleet, "work_mem: lots");
      assertThat(fleet.run("apply").expect(1).err())
          .contains("nothing was changed")
          .contains("work_mem");
      settings(fleet, "work_men: 8MB");
      assertThat(fleet.run("apply").expect(1).err()).contains("work_men");
      settings(fleet, "block_size: 4096");
      assertThat(fleet.run("apply").expect(1).err()).contains("block_size");
      assertThat(fleet.serverPids()).isEqualTo(servers);

      // Right by itself, and more than this machine has: the first standby shows it.
      settings(fleet, "shared_buffers: 8000GB, work_mem: 9MB");
      assertThat(fleet.run("apply").expect(1).err()).contains("taken back");
      awaitShown(fleet, "work_mem", "4MB");
      List<Long> after = fleet.serverPids();
      assertThat(after.getFirst()).isEqualTo(servers.getFirst());
      settings(fleet, "work_mem: 9MB");
      fleet.run("apply").expect(0);
      awaitShown(fleet, "work_mem", "9MB");
      fleet.whole();
    }
  }
}
