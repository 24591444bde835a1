package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Settings change, and a gateway gives way to another, while clients work. */
final class ReloadIT {
  private static final int CLIENTS = 6;
  private static AppServer server;

  @BeforeAll
  static void startServer() {
    server = AppServer.create();
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  /** Clients at work; half of them connect for each transaction, half now and then. */
  private static final class Load implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    final AtomicInteger transactions = new AtomicInteger();
    final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    Load(int port) {
      for (int i = 0; i < CLIENTS; i++) {
        int most = i % 2 == 0 ? 1 : 30;
        threads.add(Thread.ofPlatform().daemon().start(() -> work(port, most)));
      }
    }

    private void work(int port, int transactionsPerConnection) {
      while (!over.get()) {
        try (Connection connection =
                DriverManager.getConnection(
                    "jdbc:postgresql://127.0.0.1:" + port + "/app", "app", "app");
            Statement statement = connection.createStatement()) {
          for (int i = 0; i < transactionsPerConnection && !over.get(); i++) {
            connection.setAutoCommit(false);
            statement.execute("SELECT pg_sleep(0.002)");
            statement.execute("SELECT 1");
            connection.commit();
            transactions.incrementAndGet();
          }
        } catch (SQLException e) {
          errors.add(e.getSQLState() + " " + e.getMessage());
        }
      }
    }

    /** Waits until more work has been done. */
    void goOn() throws InterruptedException {
      int wanted = transactions.get() + 40;
      while (transactions.get() < wanted && errors.isEmpty()) {
        Thread.sleep(5);
      }
      assertThat(errors).isEmpty();
    }

    @Override
    public void close() {
      over.set(true);
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static int serversOpen(Gateway gateway) {
    return gateway.status().pools().stream()
        .mapToInt(pool -> pool.active() + pool.idle() + pool.connecting())
        .sum();
  }

  @Test
  void settingsChangeUnderLoadAndNoClientSeesAnError() throws Exception {
    try (Gateway gateway = server.gateway(settings -> settings.withPoolSize(5, 1))) {
      try (Load load = new Load(gateway.address().getPort())) {
        load.goOn();
        for (int size : new int[] {1, 4, 2, 6}) {
          GatewaySettings wanted =
              gateway
                  .settings()
                  .withPoolSize(size, 1)
                  .withPool(pool ->
                      pool.with(draft -> {
                        draft.queryWaitTimeout = Duration.ofSeconds(20 + size);
                        draft.serverLifetime = Duration.ofSeconds(size);
                        draft.clientIdleTimeout = Duration.ofSeconds(30);
                      }))
                  .withMaxClientConnections(50 + size);
          assertThat(gateway.reload(wanted)).isEmpty();
          load.goOn();
          while (serversOpen(gateway) > size) {
            load.goOn();
          }
          assertThat(gateway.settings().maxClientConnections()).isEqualTo(50 + size);
        }
      }
    }
  }

  @Test
  void whatCannotChangeIsNamedAndStays() throws Exception {
    try (Gateway gateway = server.gateway(settings -> settings)) {
      GatewaySettings before = gateway.settings();
      assertThat(
              gateway.reload(before.with(draft -> draft.loops = 3).withPoolMode(PoolMode.SESSION)))
          .containsExactly("loops");
      assertThat(gateway.settings().loops()).isEqualTo(before.loops());
      assertThat(gateway.settings().pools().defaults().poolMode()).isEqualTo(PoolMode.SESSION);
    }
  }

  @Test
  void settingsThatCannotBeMetChangeNothing() throws Exception {
    try (Gateway gateway = server.gateway(settings -> settings)) {
      GatewaySettings before = gateway.settings();
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> gateway.reload(before.withMaxClientConnections(2_000_000_000)))
          .hasMessageContaining("Raise the limit");
      assertThat(gateway.settings()).isEqualTo(before);
    }
  }

  @Test
  void gatewaysTakeOverFromEachOtherAndNoClientSeesAnError() throws Exception {
    Gateway gateway = server.gateway(settings -> settings.with(d -> d.sharesAddress = true));
    int port = gateway.address().getPort();
    try (Load load = new Load(port)) {
      for (int i = 0; i < 3; i++) {
        load.goOn();
        Gateway old = gateway;
        gateway =
            server.gateway(settings ->
                settings.with(draft -> {
                  draft.sharesAddress = true;
                  draft.listen = old.address();
                }));
        old.handOver();
        assertThat(old.connected()).isZero();
        load.goOn();
      }
    } finally {
      gateway.close();
    }
  }

  @Test
  void aClientThatStaysIsToldAtTheBoundAndBetweenTransactions() throws Exception {
    Gateway gateway =
        server.gateway(settings ->
            settings.with(draft -> {
              draft.drainTimeout = Duration.ofMillis(300);
              draft.holdTimeout = Duration.ofSeconds(20);
            }));
    try (RawClient idle = RawClient.login(gateway.address());
        RawClient busy = RawClient.login(gateway.address())) {
      idle.query("SELECT 1");
      busy.query("BEGIN");
      Thread handOver =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  gateway.handOver();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      assertThat(idle.read().brief()).isEqualTo("E:57P01");
      assertThat(busy.query("SELECT 2")).contains("D:2");
      assertThat(busy.query("COMMIT")).contains("C:COMMIT");
      assertThat(busy.read().brief()).isEqualTo("E:57P01");
      handOver.join();
    }
  }
}
