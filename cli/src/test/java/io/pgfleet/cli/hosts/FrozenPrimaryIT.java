package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.NotingClient;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * A primary's host stands still until another server is the primary, and wakes while clients knock
 * at its door. Its server wakes first, its agent and its guard after all of its processes.
 */
class FrozenPrimaryIT {
  private static final long AFTER_WAKING_MILLIS = 6_000;
  private static final long PAUSE_NANOS = 1_000_000;

  /** Writes straight to a server until it is told to stop, and counts what was acknowledged. */
  private static final class StraightWriter implements AutoCloseable {
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();
    private final String jdbc;
    private final String setting;
    private final Thread thread;

    StraightWriter(String jdbc, String setting) {
      this.jdbc = jdbc;
      this.setting = setting;
      this.thread = Thread.ofPlatform().daemon().start(this::work);
    }

    private void work() {
      while (!over.get()) {
        // A server that is gone while it waits for a standby may leave its client waiting, too.
        try (Connection connection = DriverManager.getConnection(jdbc + "&socketTimeout=5");
            Statement statement = connection.createStatement()) {
          statement.execute(setting);
          while (!over.get()) {
            statement.execute("insert into straight values (1)");
            boolean warned = statement.getWarnings() != null;
            acknowledged.addAndGet(warned ? 0 : 1);
          }
        } catch (SQLException e) {
          // It stands still, ends, or is a standby by now.
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }

    int acknowledged() {
      return acknowledged.get();
    }

    @Override
    public void close() {
      over.set(true);
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void whatWakesAfterAnotherWasElectedAcknowledgesNothing() throws Exception {
    try (FleetHosts hosts = new FleetHosts(new LoopbackNetwork(), List.of())) {
      hosts.startFleet("w1", "n1", "n2");
      try (NotingClient client = new NotingClient(hosts.jdbc());
          Connection connection = DriverManager.getConnection(hosts.jdbc());
          Statement statement = connection.createStatement()) {
        statement.execute("create table straight (n int)");
        client.goOn();

        List<ProcessHandle> frozen = hosts.freezeWhole("n1");
        client.goOn();
        int usual;
        int forced;
        try (StraightWriter plain = new StraightWriter(hosts.jdbc("n1"), "select 1");
            StraightWriter local =
                new StraightWriter(hosts.jdbc("n1"), "set synchronous_commit = local")) {
          Thread.sleep(1_000);
          List<ProcessHandle> serverFirst = new ArrayList<>(frozen);
          Collections.rotate(serverFirst, -1);
          hosts.wake(serverFirst);
          Thread.sleep(AFTER_WAKING_MILLIS);
          usual = plain.acknowledged();
          forced = local.acknowledged();
        }
        System.out.printf(
            "after waking: %d commits acknowledged, %d with synchronous_commit = local%n",
            usual, forced);
        assertThat(usual).isZero();
        hosts.awaitWhole("gw");
        client.goOn();
        assertThat(client.lost()).isEmpty();
        String status = "";
        for (int i = 0; i < 60 && !status.contains("\"primary\":\"n2\""); i++) {
          Thread.sleep(500);
          status = hosts.run("gw", "status", "--json", "--fleet", "tried").text();
        }
        assertThat(status).contains("\"primary\":\"n2\"");
      }
    }
  }
}
