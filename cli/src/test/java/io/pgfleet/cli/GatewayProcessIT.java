package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.Programs.Ended;
import io.pgfleet.testkit.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Gateways in processes of their own, for a fleet that runs without one. */
class GatewayProcessIT {
  private static final long LIMIT_SECONDS = 120;

  /** A fleet without a gateway of its own; pgfleet chooses what the load needs. */
  private static FleetProcess withoutGateway() throws IOException {
    FleetProcess fleet =
        new FleetProcess("users: { app: {} }\ndatabases: { app: { owner: app } }\n");
    String port = "gateway: { port: " + fleet.gatewayPort();
    change(fleet, port, port + ", run: false, default_pool_size: 5");
    change(fleet, "port: off", "port: " + FreePorts.several(1).getFirst());
    return fleet;
  }

  private static void change(FleetProcess fleet, String from, String to) throws IOException {
    String yaml = Files.readString(fleet.file());
    assertThat(yaml).contains(from);
    Files.writeString(fleet.file(), yaml.replace(from, to));
  }

  /** A gateway's process, once it listens. */
  private static Process gateway(FleetProcess fleet, String... more) throws Exception {
    Path out = Files.createTempFile(fleet.home(), "gateway", ".out");
    List<String> arguments =
        new ArrayList<>(List.of("gateway", "--fleet", fleet.file().toString()));
    arguments.addAll(List.of(more));
    Process process = fleet.start(out, arguments.toArray(String[]::new));
    while (!Files.readString(out).contains("listening on")) {
      assertThat(process.isAlive()).as(Files.readString(out)).isTrue();
      Thread.sleep(20);
    }
    return process;
  }

  private static void awaitEnd(Process process) throws InterruptedException {
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Clients that connect for each transaction, and clients that reconnect now and then. */
  private static final class Load implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger transactions = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    Load(String jdbc) {
      for (int most : new int[] {1, 20, 1, 40}) {
        threads.add(Thread.ofPlatform().daemon().start(() -> work(jdbc, most)));
      }
    }

    private void work(String jdbc, int transactionsPerConnection) {
      while (!over.get()) {
        try (Connection connection = DriverManager.getConnection(jdbc);
            Statement statement = connection.createStatement()) {
          connection.setAutoCommit(false);
          for (int i = 0; i < transactionsPerConnection && !over.get(); i++) {
            statement.execute("SELECT pg_sleep(0.005)");
            statement.execute("CREATE TEMP TABLE t (i int) ON COMMIT DROP");
            connection.commit();
            transactions.incrementAndGet();
          }
        } catch (SQLException e) {
          errors.add(e.getSQLState() + " " + e.getMessage());
        }
      }
    }

    void goOn() throws InterruptedException {
      int wanted = transactions.get() + 30;
      while (transactions.get() < wanted && errors.isEmpty()) {
        Thread.sleep(10);
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

  @Test
  void gatewaysTakeOverReloadAndAreHeldWhileThePrimaryMovesWithNoErrorToAnyClient()
      throws Exception {
    try (FleetProcess fleet = withoutGateway()) {
      fleet.up().expect(0);
      Process gateway = gateway(fleet);
      try (Load load = new Load(fleet.run("url", "--jdbc").expect(0).out().strip())) {
        load.goOn();
        Ended second = fleet.run("gateway", "--fleet", fleet.file().toString()).expect(1);
        assertThat(second.err()).contains("runs already").contains("--replace");

        for (int i = 0; i < 2; i++) {
          Process old = gateway;
          gateway = gateway(fleet, "--replace");
          awaitEnd(old);
          assertThat(old.exitValue()).isZero();
          load.goOn();
        }

        fleet.run("switchover").expect(0);
        load.goOn();

        change(fleet, "default_pool_size: 5", "default_pool_size: 3, loops: 2");
        String told = fleet.run("reload").expect(0).out();
        assertThat(told)
            .contains("gateway.default_pool_size: 5 -> 3")
            .containsPattern("(?s)until a restart:.*gateway.loops: 1 -> 2");
        load.goOn();

        change(fleet, "default_pool_size: 3", "default_pool_size: three");
        assertThat(fleet.run("reload").expect(2).err()).containsPattern("fleet.yaml:8:[0-9]+");
        change(fleet, "default_pool_size: three", "default_pool_size: 3, max_client_conn: 1000000");
        assertThat(fleet.run("reload").expect(1).err()).contains("nothing was changed");
        fleet.run("gateway", "--fleet", fleet.file().toString(), "--replace").expect(1);
        assertThat(gateway.isAlive()).isTrue();
        load.goOn();
      } finally {
        gateway.destroy();
        awaitEnd(gateway);
      }
    }
  }
}
