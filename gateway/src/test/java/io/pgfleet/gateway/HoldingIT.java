package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.message.Messages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that come and ask while there is no primary. */
final class HoldingIT {
  private static AppServer server;

  @BeforeAll
  static void startServer() {
    server = AppServer.create();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void aStormOfClientsAfterAFailoverIsServedWithoutAnError() throws Exception {
    int storm = Integer.getInteger("pgfleet.storm", 600);
    MovablePrimary primary = new MovablePrimary(server.primary(1));
    try (Gateway gateway =
            AppServer.gateway(
                settings -> settings.withPoolSize(10, 2).withMaxClientConnections(storm), primary);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      primary.away();
      List<Future<List<String>>> asked = new ArrayList<>();
      for (int i = 0; i < storm; i++) {
        asked.add(
            threads.submit(() -> {
              try (RawClient client = RawClient.login(gateway.address())) {
                return client.query("SELECT 1");
              }
            }));
      }
      Thread.sleep(500);
      primary.move(server.primary(2));
      for (Future<List<String>> answer : asked) {
        assertThat(answer.get()).containsExactly("T", "D:1", "C:SELECT 1", "ZI");
      }
      assertThat(gateway.status().totals().serverConnections()).isLessThanOrEqualTo(10);
    }
  }

  @Test
  void whatIsHeldStaysWithinItsBoundAndIsAnsweredInTheEnd() throws Exception {
    long bound = 100_000;
    MovablePrimary primary = new MovablePrimary(server.primary(1));
    try (Gateway gateway =
        AppServer.gateway(settings -> settings.withMaxHeldBytes(bound), primary)) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        clients.add(RawClient.login(gateway.address()));
      }
      primary.away();
      String filler = "/*" + "x".repeat(30_000) + "*/";
      for (int i = 0; i < clients.size(); i++) {
        clients.get(i).send(Messages.query(filler + "SELECT " + i));
      }
      while (gateway.status().heldBytes() < bound) {
        Thread.sleep(20);
      }
      Thread.sleep(500);
      // one read of the buffer may pass the bound, and every client's first bytes
      assertThat(gateway.status().heldBytes()).isBetween(bound, bound + 65_536L + 30L * 512);
      primary.move(server.primary(2));
      for (int i = 0; i < clients.size(); i++) {
        assertThat(clients.get(i).untilReady(1)).contains("D:" + i);
        clients.get(i).close();
      }
      assertThat(gateway.status().heldBytes()).isZero();
    }
  }

  @Test
  void holdingEndsAfterItsTimeWithAnErrorAndTheClientStays() throws Exception {
    MovablePrimary primary = new MovablePrimary(server.primary(1));
    Duration second = Duration.ofSeconds(1);
    try (Gateway gateway =
            AppServer.gateway(
                settings -> settings.withTimeouts(second, Duration.ofSeconds(10), second),
                primary);
        RawClient client = RawClient.login(gateway.address())) {
      primary.away();
      assertThat(client.query("SELECT 1")).containsExactly("E:57014", "ZI");
      primary.move(server.primary(2));
      assertThat(client.query("SELECT 1")).contains("D:1");
    }
  }
}
