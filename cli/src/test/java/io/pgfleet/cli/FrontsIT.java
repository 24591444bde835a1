package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.testkit.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** HAProxy and PgBouncer with the configurations that {@code pgfleet deploy} writes for a fleet. */
class FrontsIT {
  private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
  private static final Path PGBOUNCER = Path.of("/usr/sbin/pgbouncer");
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  /** The user is a superuser, so that it may read verifiers. */
  private static final String OWNER =
      "users: { app: { superuser: true } }\ndatabases: { app: { owner: app } }\n";

  private final List<Integer> ports = FreePorts.several(5);
  private final List<Process> running = new ArrayList<>();

  private Path written(FleetProcess fleet, String name, String... command)
      throws IOException, InterruptedException {
    Path file = fleet.file().resolveSibling(name);
    List<String> all = new ArrayList<>(List.of("deploy"));
    all.addAll(List.of(command));
    all.addAll(List.of(fleet.file().toString(), "--out", file.toString()));
    fleet.run(all.toArray(String[]::new)).expect(0);
    return file;
  }

  private void start(List<String> command, Path log) throws IOException {
    running.add(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  private void haproxy(FleetProcess fleet, String name, int statsPort, String... more)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("haproxy", "--stats-port", "" + statsPort));
    command.addAll(List.of(more));
    Path file = written(fleet, name + ".cfg", command.toArray(String[]::new));
    start(
        List.of(HAPROXY.toString(), "-db", "-f", file.toString()),
        file.resolveSibling(name + ".log"));
  }

  private void stopAll() throws InterruptedException {
    for (Process process : running) {
      process.destroyForcibly();
      process.waitFor();
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(String what, Condition condition) throws Exception {
    long began = System.nanoTime();
    while (!condition.holds()) {
      assertThat(System.nanoTime() - began).as(what).isLessThan(PATIENCE_NANOS);
      Thread.sleep(50);
    }
  }

  @Test
  void haproxyFollowsThePrimaryAndGatewaysAndPgbouncerServeThroughASwitchover() throws Exception {
    assumeTrue(Files.isExecutable(HAPROXY), "haproxy is not installed");
    try (FleetProcess fleet = new FleetProcess(OWNER).withChecks(FreePorts.several(3))) {
      fleet.up().expect(0);
      fleet.sql("create table seen (port int)");
      String jdbc = fleet.run("url", "--jdbc").expect(0).out().strip();
      String gateway = ":" + fleet.gatewayPort() + "/";
      int[] at = ports.stream().mapToInt(Integer::intValue).toArray();
      haproxy(fleet, "servers", at[0], "--write-port", "" + at[1], "--read-port", "" + at[2]);
      haproxy(fleet, "gateways", at[3], "--write-port", "" + at[4], "--gateway", "127.0.0.1");
      String writes = jdbc.replace(gateway, ":" + at[1] + "/");
      String reads = jdbc.replace(gateway, ":" + at[2] + "/");
      String through = jdbc.replace(gateway, ":" + at[4] + "/");
      await("writes reach n1", () -> port(writes) == fleet.nodePort(1));
      await("reads reach a standby", () -> standbyPort(reads) > 0);
      await("the gateway is reached", () -> port(through) == fleet.nodePort(1));
      try (Connection session = DriverManager.getConnection(through)) {
        fleet.run("switchover", "--to", "n2").expect(0);
        assertThat(port(session)).isEqualTo(fleet.nodePort(2));
      }
      await("writes reach n2", () -> port(writes) == fleet.nodePort(2));
      await("reads reach n1", () -> standbyPort(reads) == fleet.nodePort(1));
      // For a check or two HAProxy still takes the new primary for a standby.
      await("reads reach standbys alone", () -> readsReach(reads, fleet));
      assertThat(reached(writes, 20)).containsOnly(fleet.nodePort(2));
      // What was written past the gateway it may read from a standby that has not got it yet.
      await("both are seen", () -> fleet.sql("select count(distinct port) from seen").equals("2"));
      pgbouncer(fleet, jdbc);
    } finally {
      stopAll();
    }
  }

  /**
   * The servers that so many writes went to; one that none took, on a busy machine, is tried again.
   */
  private static List<Integer> reached(String jdbc, int count) throws Exception {
    List<Integer> reached = new ArrayList<>();
    await(
        count + " writes",
        () -> {
          int port = port(jdbc);
          if (port != 0) {
            reached.add(port);
          }
          return reached.size() == count;
        });
    return reached;
  }

  private static boolean readsReach(String reads, FleetProcess fleet) throws Exception {
    for (int i = 0; i < 20; i++) {
      if (!Set.of(fleet.nodePort(1), fleet.nodePort(3)).contains(standbyPort(reads))) {
        return false;
      }
    }
    return true;
  }

  /** With the comment's own query for the file of users. */
  private void pgbouncer(FleetProcess fleet, String jdbc) throws Exception {
    if (!Files.isExecutable(PGBOUNCER)) {
      System.out.println("pgbouncer is not installed, so it was left out");
      return;
    }
    int port = FreePorts.several(1).getFirst();
    Path users = fleet.file().resolveSibling("userlist.txt");
    Path file =
        written(
            fleet,
            "pgbouncer.ini",
            "pgbouncer",
            "--listen",
            "127.0.0.1:" + port,
            "--auth-file",
            users.toString());
    String query =
        Files.readAllLines(file).stream()
            .filter(line -> line.startsWith("#   select"))
            .map(line -> line.substring(4))
            .findFirst()
            .orElseThrow();
    Files.writeString(users, fleet.sql(query) + "\n");
    assertThat(Files.readString(users)).contains("\"app\" \"SCRAM-SHA-256$");
    List<String> command = new ArrayList<>(List.of(PGBOUNCER.toString()));
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("-u", "nobody"));
    }
    command.add(file.toString());
    Path log = file.resolveSibling("pgbouncer.log");
    start(command, log);
    String through = jdbc.replace(":" + fleet.gatewayPort() + "/", ":" + port + "/");
    await("PgBouncer serves: " + log, () -> port(through) == fleet.nodePort(2));
    assertThat(Files.readString(log)).doesNotContain("ERROR", "WARNING unknown", "not recognized");
    String wrong = through.replaceAll("password=[^&]*", "password=guessed");
    assertThat(port(wrong)).isZero();
  }

  /** The server that a write went to; 0 if none took it. */
  private static int port(String jdbc) {
    try (Connection connection = DriverManager.getConnection(jdbc)) {
      return port(connection);
    } catch (SQLException e) {
      return 0;
    }
  }

  private static int port(Connection connection) throws SQLException {
    return ask(connection, "insert into seen values (current_setting('port')::int) returning port");
  }

  /** The standby that a read went to; 0 if none answered, -1 if the primary did. */
  private static int standbyPort(String jdbc) {
    try (Connection connection = DriverManager.getConnection(jdbc)) {
      return ask(
          connection,
          "select case when pg_is_in_recovery() then current_setting('port')::int else -1 end");
    } catch (SQLException e) {
      return 0;
    }
  }

  private static int ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).isTrue();
      return result.getInt(1);
    }
  }

  @Test
  void whatIsMissingIsSaid() throws Exception {
    try (FleetProcess fleet = new FleetProcess("")) {
      String file = fleet.file().toString();
      assertThat(fleet.run("deploy", "haproxy", file).expect(1).err())
          .contains("node n1 answers no HTTP checks")
          .contains("checks: { port: 8008 }");
      assertThat(fleet.run("deploy", "haproxy", "--gateway", "a:b", file).expect(2).err())
          .contains("'a:b' is not HOST, HOST:PORT or [IPV6]:PORT");
      assertThat(
              fleet
                  .run("deploy", "keepalived", "--virtual-ip", "10.0.0.9", "--interface", "x", file)
                  .expect(2)
                  .err())
          .contains("'10.0.0.9' is no address with a prefix");
      assertThat(fleet.run("deploy", "pgbouncer", "/nowhere.yaml").expect(2).err())
          .contains("there is no file /nowhere.yaml");
      Path out = fleet.file().resolveSibling("out");
      Files.writeString(out, "mine\n");
      assertThat(fleet.run("deploy", "pgbouncer", file, "--out", out.toString()).expect(1).err())
          .contains("was not made by this command")
          .contains("--force");
      assertThat(out).hasContent("mine");
    }
  }
}
