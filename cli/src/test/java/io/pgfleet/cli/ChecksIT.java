package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.testkit.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** HTTP checks of a fleet of real servers, by themselves and as HAProxy uses them. */
class ChecksIT {
  private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Integer> checks = FreePorts.several(3);

  private FleetProcess fleet() throws IOException {
    FleetProcess fleet = new FleetProcess("");
    String yaml = Files.readString(fleet.file());
    for (int node = 1; node <= 3; node++) {
      yaml =
          yaml.replaceAll(
              "n%d: \\{ port: (\\d+) }".formatted(node),
              "n%d: { port: $1, checks: { port: %d } }".formatted(node, checks.get(node - 1)));
    }
    Files.writeString(fleet.file(), yaml);
    return fleet;
  }

  private HttpResponse<String> ask(String method, int node, String path)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + checks.get(node - 1) + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }

  private int status(int node, String path) throws IOException, InterruptedException {
    int status = ask("GET", node, path).statusCode();
    assertThat(ask("HEAD", node, path).statusCode()).isEqualTo(status);
    assertThat(ask("OPTIONS", node, path).statusCode()).isEqualTo(status);
    return status;
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(String what, Condition condition) throws Exception {
    long began = System.nanoTime();
    while (!condition.holds()) {
      assertThat(System.nanoTime() - began).as(what).isLessThan(PATIENCE.toNanos());
      Thread.sleep(50);
    }
  }

  @Test
  void eachNodeSaysWhatItIsAndASwitchoverMovesTheAnswers() throws Exception {
    try (FleetProcess fleet = fleet()) {
      fleet.up().expect(0);
      for (String path : List.of("/", "/primary", "/leader", "/read-write", "/readiness")) {
        assertThat(status(1, path)).as(path).isEqualTo(200);
      }
      assertThat(status(1, "/replica")).isEqualTo(503);
      for (int standby = 2; standby <= 3; standby++) {
        assertThat(status(standby, "/primary")).isEqualTo(503);
        assertThat(status(standby, "/replica")).isEqualTo(200);
        assertThat(status(standby, "/replica?lag=16MB")).isEqualTo(200);
        assertThat(status(standby, "/read-only")).isEqualTo(200);
        assertThat(status(standby, "/quorum")).isEqualTo(200);
        assertThat(status(standby, "/async")).isEqualTo(503);
        assertThat(status(standby, "/health")).isEqualTo(200);
      }
      assertThat(ask("GET", 2, "/replica?lag=much").body()).contains("units");
      assertThat(ask("POST", 2, "/primary").statusCode()).isEqualTo(405);
      assertThat(ask("GET", 1, "/patroni").body())
          .contains("\"role\":\"primary\"", "\"state\":\"running\"", "\"location\":");
      assertThat(ask("GET", 3, "/cluster").body())
          .contains("\"name\":\"n1\",\"role\":\"leader\"", "\"role\":\"quorum_standby\"");

      fleet.run("switchover", "--to", "n3").expect(0);
      await("n3 is the primary", () -> status(3, "/primary") == 200);
      assertThat(status(1, "/primary")).isEqualTo(503);
      await("n1 follows", () -> status(1, "/replica") == 200);

      FleetProcess.kill(List.of(fleet.serverPids().get(2)));
      await("its death is noticed", () -> primaries().isEmpty());
      await("there is a primary again", () -> primaries().size() == 1);
    }
  }

  private List<Integer> primaries() throws IOException, InterruptedException {
    List<Integer> primaries = new ArrayList<>();
    for (int node = 1; node <= 3; node++) {
      if (ask("GET", node, "/primary").statusCode() == 200) {
        primaries.add(node);
      }
    }
    assertThat(primaries).hasSizeLessThan(2);
    return primaries;
  }

  @Test
  void haproxySendsWritesToThePrimaryAndReadsToStandbysAlsoAfterASwitchover() throws Exception {
    assumeTrue(Files.isExecutable(HAPROXY), "haproxy is not installed");
    List<Integer> fronts = FreePorts.several(2);
    try (FleetProcess fleet = fleet()) {
      fleet.up().expect(0);
      fleet.sql("create table seen (port int)");
      Path config =
          Files.writeString(fleet.file().resolveSibling("haproxy.cfg"), haproxy(fronts, fleet));
      Process haproxy =
          new ProcessBuilder(HAPROXY.toString(), "-db", "-f", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(config.resolveSibling("haproxy.log").toFile())
              .start();
      try {
        String jdbc = fleet.run("url", "--jdbc").expect(0).out().strip();
        String writes = jdbc.replace(":" + fleet.gatewayPort() + "/", ":" + fronts.get(0) + "/");
        String reads = jdbc.replace(":" + fleet.gatewayPort() + "/", ":" + fronts.get(1) + "/");
        await("writes reach n1", () -> port(writes) == fleet.nodePort(1));
        await("reads reach a standby", () -> standbyPort(reads) > 0);
        fleet.run("switchover", "--to", "n2").expect(0);
        await("writes reach n2", () -> port(writes) == fleet.nodePort(2));
        await("reads reach n1", () -> standbyPort(reads) == fleet.nodePort(1));
        for (int i = 0; i < 20; i++) {
          assertThat(standbyPort(reads)).isIn(fleet.nodePort(1), fleet.nodePort(3));
          assertThat(port(writes)).isEqualTo(fleet.nodePort(2));
        }
        assertThat(fleet.sql("select count(distinct port) from seen")).isEqualTo("2");
      } finally {
        haproxy.destroy();
        haproxy.waitFor();
      }
    }
  }

  private String haproxy(List<Integer> fronts, FleetProcess fleet) {
    String servers =
        String.join(
            "",
            IntStream.rangeClosed(1, 3)
                .mapToObj(node ->
                    "  server n%d 127.0.0.1:%d check port %d\n"
                        .formatted(node, fleet.nodePort(node), checks.get(node - 1)))
                .toList());
    return """
    defaults
      mode tcp
      timeout connect 2s
      timeout client 60s
      timeout server 60s
      timeout check 2s
      default-server inter 200ms fall 2 rise 1 on-marked-down shutdown-sessions
    listen writes
      bind 127.0.0.1:%d
      option httpchk OPTIONS /primary
      http-check expect status 200
    %slisten reads
      bind 127.0.0.1:%d
      balance roundrobin
      option httpchk GET /replica?lag=16MB
      http-check expect status 200
    %s\
    """
        .formatted(fronts.get(0), servers, fronts.get(1), servers);
  }

  /** The server that a write went to; 0 if none took it. */
  private static int port(String jdbc) {
    return ask(jdbc, "insert into seen values (inet_server_port()) returning port");
  }

  /** The standby that a read went to; 0 if none answered, -1 if the primary did. */
  private static int standbyPort(String jdbc) {
    return ask(jdbc, "select case when pg_is_in_recovery() then inet_server_port() else -1 end");
  }

  private static int ask(String jdbc, String sql) {
    try (Connection connection = DriverManager.getConnection(jdbc);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).isTrue();
      return result.getInt(1);
    } catch (SQLException e) {
      return 0;
    }
  }
}
