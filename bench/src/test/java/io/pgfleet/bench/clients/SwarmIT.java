package io.pgfleet.bench.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.bench.Target;
import io.pgfleet.bench.client.BlockingClient;
import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.testkit.TestPostgres;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The light clients against a real server, without anything in between. */
final class SwarmIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static TestPostgres server;

  @BeforeAll
  static void start() {
    server = TestPostgres.start(Map.of("max_connections", "40"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** The clients of the test before may still be on their way out. */
  @BeforeEach
  void awaitRoom() throws InterruptedException {
    String clients = "select count(*) from pg_stat_activity where backend_type = 'client backend'";
    for (int i = 0; i < 600 && !alone(clients); i++) {
      Thread.sleep(50);
    }
  }

  private static boolean alone(String clients) {
    try {
      return server.sql(clients).equals("1");
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static ClientKeys keys(String password) {
    return new ClientKeys(
        new Target(server.host(), server.port(), "postgres", TestPostgres.USER, password));
  }

  @Test
  void everyClientIsServedAndAllTakePart() {
    try (Swarm swarm = Swarm.against(server.port(), keys(TestPostgres.PASSWORD))) {
      swarm.open(20, 1000, PATIENCE);
      assertThat(swarm.errors()).isEmpty();
      assertThat(swarm.served()).isEqualTo(20);
      assertThat(swarm.connecting().getTotalCount()).isEqualTo(20);
      double rate = swarm.active(5, Duration.ofSeconds(1));
      assertThat(rate).isPositive();
      assertThat(swarm.answering().getTotalCount()).isPositive();
      assertThat(swarm.errors()).isEmpty();
    }
  }

  @Test
  void whoIsRefusedCountsAsAnErrorWithItsReason() {
    try (Swarm swarm = Swarm.against(server.port(), keys("wrong"))) {
      swarm.open(3, 1000, PATIENCE);
      assertThat(swarm.served()).isZero();
      assertThat(swarm.failed()).isEqualTo(3);
      assertThat(swarm.errors().keySet()).allSatisfy(why -> assertThat(why).contains("28P01"));
    }
  }

  @Test
  void moreClientsThanTheServerAdmitsAreCountedOneByOne() {
    try (Swarm swarm = Swarm.against(server.port(), keys(TestPostgres.PASSWORD))) {
      swarm.open(60, 1000, PATIENCE);
      assertThat(swarm.served() + swarm.failed()).isEqualTo(60);
      assertThat(swarm.failed()).isGreaterThanOrEqualTo(20);
      assertThat(swarm.errors().keySet()).allSatisfy(why -> assertThat(why).contains("53300"));
    }
  }

  @Test
  void bytesOfAnswersAreCountedAndCopiesArrive() {
    try (BlockingClient client = BlockingClient.open(server.port(), keys(TestPostgres.PASSWORD))) {
      long bytes = client.ask("SELECT repeat('x', 1000) FROM generate_series(1, 1000)");
      assertThat(bytes).isBetween(1_000_000L, 1_100_000L);
      client.ask("CREATE TEMP TABLE lines (line text)");
      client.copyIn(
          "COPY lines FROM STDIN",
          "a\nb\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
          3);
      client.ask("DO $$ BEGIN ASSERT (SELECT count(*) FROM lines) = 6; END $$");
    }
  }
}
