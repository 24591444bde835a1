package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.observe.ObserveSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The metrics as Prometheus scrapes them. */
final class MetricsIT {
  private static AppServer server;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws Exception {
    server = AppServer.create();
    gateway = server.gateway(settings -> settings);
    gateway.observe(
        ObserveSettings.NONE.withMetrics(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static HttpResponse<String> get(String method, String path) throws Exception {
    int port = gateway.metricsAddress().orElseThrow().getPort();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .method(method, HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Series by name and labels, in the text format of Prometheus. */
  private static Map<String, Double> scrape() throws Exception {
    HttpResponse<String> response = get("GET", "/metrics");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    Map<String, Double> series = new HashMap<>();
    for (String line : response.body().split("\n")) {
      if (!line.startsWith("#") && !line.isBlank()) {
        int end = line.lastIndexOf(' ');
        series.put(line.substring(0, end), Double.parseDouble(line.substring(end + 1)));
      }
    }
    return series;
  }

  private static double value(Map<String, Double> series, String name) {
    Double value = series.get(name);
    if (value == null) {
      throw new AssertionError("no " + name);
    }
    return value;
  }

  private static Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + gateway.address().getPort() + "/app", "app", "app");
  }

  @Test
  void aScrapeHasWhatClientsDid() throws Exception {
    try (Connection client = connect();
        Statement statement = client.createStatement()) {
      for (int i = 0; i < 20; i++) {
        statement.execute("SELECT " + i);
      }
      statement.execute("SELECT pg_sleep(0.12)");
      try {
        statement.execute("SELECT nonsense");
      } catch (SQLException expected) {
        // counted below
      }
      statement.execute("CREATE TEMP TABLE t (a int)");
      Map<String, Double> series = scrape();
      String labels = "{database=\"app\",route=\"primary\",user=\"app\"";
      String query = "pgfleet_gateway_query_seconds";
      assertThat(series.get(query + "_count" + labels + "}")).isGreaterThanOrEqualTo(23);
      assertThat(series.get(query + "_sum" + labels + "}")).isGreaterThan(0.12);
      double upTo100 = value(series, query + "_bucket" + labels + ",le=\"0.1\"}");
      double all = value(series, query + "_bucket" + labels + ",le=\"+Inf\"}");
      assertThat(all - upTo100).isGreaterThanOrEqualTo(1);
      assertThat(series.get("pgfleet_gateway_transaction_seconds_count" + labels + "}"))
          .isPositive();
      String account = "{database=\"app\",user=\"app\"}";
      assertThat(series.get("pgfleet_gateway_received_bytes_total" + account)).isPositive();
      assertThat(series.get("pgfleet_gateway_sent_bytes_total" + account)).isPositive();
      assertThat(series.get("pgfleet_gateway_logins_total" + account)).isPositive();
      assertThat(series.get("pgfleet_gateway_wait_seconds_count" + account)).isPositive();
      assertThat(
              series.get(
                  "pgfleet_gateway_errors_total{class=\"42\",database=\"app\",user=\"app\"}"))
          .isEqualTo(1);
      assertThat(series.keySet())
          .anyMatch(name ->
              name.startsWith("pgfleet_gateway_pins_total{") && name.contains("temporary table"))
          .anyMatch(name -> name.startsWith("jvm_memory_used_bytes"));
      assertThat(series.get("pgfleet_gateway_clients{state=\"active\"}")).isEqualTo(1);
      assertThat(series.get("pgfleet_gateway_primary_known")).isEqualTo(1);
    }
  }

  @Test
  void headAnswersWithoutABodyAndOtherPathsAreNotThere() throws Exception {
    HttpResponse<String> head = get("HEAD", "/metrics");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(get("GET", "/nothing").statusCode()).isEqualTo(404);
    assertThat(get("POST", "/metrics").statusCode()).isEqualTo(405);
  }
}
