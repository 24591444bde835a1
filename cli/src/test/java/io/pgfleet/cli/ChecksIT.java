package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.testkit.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** HTTP checks of a fleet of real servers. */
@Tag("together")
class ChecksIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Integer> checks = FreePorts.several(3);

  private HttpResponse<String> ask(String method, int node, String path)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + checks.get(node - 1) + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }

  private int answers(int node, String path) throws IOException, InterruptedException {
    return ask("GET", node, path).statusCode();
  }

  /** Of a node that is not about to become something else. */
  private int status(int node, String path) throws IOException, InterruptedException {
    int status = answers(node, path);
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
    try (FleetProcess fleet = new FleetProcess("").withChecks(checks)) {
      fleet.up().expect(0);
      // Standbys are taken into the synchronous set one by one.
      await(
          "n2 and n3 are of the quorum",
          () -> answers(2, "/quorum") == 200 && answers(3, "/quorum") == 200);
      await(
          "n3 knows it",
          () -> ask("GET", 3, "/cluster").body().contains("\"role\":\"quorum_standby\""));
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
      await("n3 is the primary", () -> answers(3, "/primary") == 200);
      assertThat(status(3, "/primary")).isEqualTo(200);
      assertThat(status(1, "/primary")).isEqualTo(503);
      await("n1 follows", () -> answers(1, "/replica") == 200);
      assertThat(status(1, "/replica")).isEqualTo(200);

      FleetProcess.kill(List.of(fleet.serverPids().get(2)));
      await("its death is noticed", () -> !primaries().contains(3));
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
}
