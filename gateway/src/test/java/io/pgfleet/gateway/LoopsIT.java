package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Several loops share what servers there are. */
final class LoopsIT {
  private static AppServer server;

  @BeforeAll
  static void startServer() {
    server = AppServer.create();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static List<RawClient> clients(Gateway gateway, int count) throws Exception {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(RawClient.login(gateway.address()));
    }
    return clients;
  }

  private static void close(List<RawClient> clients) throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
  }

  @Test
  void oneServerServesTheClientsOfFourLoops() throws Exception {
    try (Gateway gateway = server.gateway(settings -> settings.withPoolSize(1, 4))) {
      List<RawClient> clients = clients(gateway, 8);
      for (int round = 0; round < 5; round++) {
        for (RawClient client : clients) {
          assertThat(client.query("SELECT 1")).containsExactly("T", "D:1", "C:SELECT 1", "ZI");
        }
      }
      close(clients);
      GatewayStatus status = gateway.status();
      assertThat(status.totals().serverConnections()).isEqualTo(1);
      assertThat(status.totals().serversMoved()).isGreaterThan(0);
    }
  }

  @Test
  void noClientStarvesWhileClientsOfAnotherLoopAreBusy() throws Exception {
    try (Gateway gateway = server.gateway(settings -> settings.withPoolSize(1, 2));
        var threads = Executors.newFixedThreadPool(8)) {
      List<RawClient> clients = clients(gateway, 8);
      List<Callable<Integer>> work = new ArrayList<>();
      for (RawClient client : clients) {
        work.add(() -> {
          int done = 0;
          long end = System.nanoTime() + 2_000_000_000L;
          while (System.nanoTime() - end < 0) {
            assertThat(client.query("SELECT 1")).endsWith("ZI");
            done++;
          }
          return done;
        });
      }
      List<Integer> counts = new ArrayList<>();
      for (Future<Integer> future : threads.invokeAll(work)) {
        counts.add(future.get());
      }
      close(clients);
      int most = counts.stream().mapToInt(Integer::intValue).max().orElseThrow();
      // A server moves to another loop for a client that has waited 2 ms longer. Until then its
      // own loop's clients have turns, the more the quicker the machine; one that starves has none.
      assertThat(counts).allSatisfy(count -> assertThat(count).isGreaterThan(most / 6));
    }
  }

  @Test
  void aServerThatMovesKeepsItsStatementsAndClientsKeepTheirs() throws Exception {
    try (Gateway gateway =
        server.gateway(settings -> settings.withPoolSize(1, 2).withMaxPreparedStatements(3))) {
      List<RawClient> clients = clients(gateway, 6);
      for (int i = 0; i < clients.size(); i++) {
        clients
            .get(i)
            .send(
                RawClient.parse("mine", "SELECT " + i),
                RawClient.parse("", "SELECT 100 + " + i),
                RawClient.sync());
        assertThat(clients.get(i).untilReady(1)).containsExactly("1", "1", "ZI");
      }
      for (int round = 0; round < 4; round++) {
        for (int i = 0; i < clients.size(); i++) {
          RawClient client = clients.get(i);
          client.send(RawClient.bind("mine"), RawClient.execute(), RawClient.sync());
          assertThat(client.untilReady(1)).containsExactly("2", "D:" + i, "C:SELECT 1", "ZI");
          client.send(RawClient.bind(""), RawClient.execute(), RawClient.sync());
          assertThat(client.untilReady(1))
              .containsExactly("2", "D:" + (100 + i), "C:SELECT 1", "ZI");
        }
      }
      close(clients);
    }
  }

  @Test
  void parametersFollowTheClientThroughMovingServers() throws Exception {
    try (Gateway gateway = server.gateway(settings -> settings.withPoolSize(2, 3))) {
      List<RawClient> clients = clients(gateway, 9);
      for (int i = 0; i < clients.size(); i++) {
        clients.get(i).query("SET application_name = 'client" + i + "'");
      }
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < clients.size(); i++) {
          assertThat(clients.get(i).query("SHOW application_name")).contains("D:client" + i);
        }
      }
      close(clients);
    }
  }

  @Test
  void theBoundOnAPoolHoldsOverAllLoops() throws Exception {
    try (Gateway gateway = server.gateway(settings -> settings.withPoolSize(3, 4));
        var threads = Executors.newFixedThreadPool(16)) {
      List<RawClient> clients = clients(gateway, 16);
      List<Callable<List<String>>> work = new ArrayList<>();
      for (RawClient client : clients) {
        work.add(() -> client.query("SELECT pg_sleep(0.05)"));
      }
      for (int round = 0; round < 3; round++) {
        for (Future<List<String>> future : threads.invokeAll(work)) {
          assertThat(future.get()).endsWith("ZI");
        }
      }
      close(clients);
      assertThat(gateway.status().totals().serverConnections()).isLessThanOrEqualTo(3);
    }
  }
}
