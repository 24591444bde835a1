package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.observe.Route;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.testkit.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Standbys that are killed, stopped, frozen or promoted in the midst of reads. */
final class ReadsLossIT {
  private ReadServers servers;
  private MovablePrimary topology;
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    servers = ReadServers.create(Map.of("max_connections", "60"));
    try (var connection = servers.primary.connect("app");
        var statement = connection.createStatement()) {
      statement.execute("SET ROLE app");
      statement.execute("CREATE TABLE t (id int PRIMARY KEY, v int)");
      statement.execute("INSERT INTO t SELECT n, n * 3 FROM generate_series(1, 100) n");
    }
    servers.caughtUp();
    topology = servers.topology();
    gateway = AppServer.gateway(settings -> settings, topology);
    awaitStandbys(2);
  }

  @AfterEach
  void stop() {
    gateway.close();
    servers.close();
  }

  private void awaitStandbys(long count) throws Exception {
    long end = System.nanoTime() + 20_000_000_000L;
    try (RawClient client = RawClient.login(gateway.address())) {
      while (gateway.status().standbys().stream().filter(each -> each.serves()).count() != count) {
        assertThat(System.nanoTime()).isLessThan(end);
        client.query("SELECT 1");
        Thread.sleep(50);
      }
    }
  }

  /** Readers that check every answer; nothing may go wrong. */
  private final class Readers implements AutoCloseable {
    final AtomicLong answers = new AtomicLong();
    final AtomicLong slowest = new AtomicLong();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    Readers(int count) {
      for (int i = 0; i < count; i++) {
        int start = i;
        threads.add(Thread.ofVirtual().start(() -> read(start)));
      }
    }

    private void read(int start) {
      try (RawClient client = RawClient.login(gateway.address())) {
        client.send(RawClient.parse("s", "SELECT v FROM t WHERE id = $1::int"), RawClient.sync());
        client.untilReady(1);
        for (int i = start; !stop.get(); i++) {
          int id = i % 90 + 10;
          long before = System.nanoTime();
          if (i % 2 == 0) {
            assertThat(client.query("SELECT v FROM t WHERE id = " + id))
                .containsExactly("T", "D:" + id * 3, "C:SELECT 1", "ZI");
          } else {
            client.send(
                RawClient.message('B', "\0s\0\0\0\0\1\0\0\0\2" + id + "\0\0"),
                RawClient.execute(),
                RawClient.sync());
            assertThat(client.untilReady(1))
                .containsExactly("2", "D:" + id * 3, "C:SELECT 1", "ZI");
          }
          slowest.accumulateAndGet(System.nanoTime() - before, Math::max);
          answers.incrementAndGet();
          Thread.sleep(1);
        }
      } catch (Exception | AssertionError e) {
        failures.add(e);
      }
    }

    @Override
    public void close() {
      stop.set(true);
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          throw new IllegalStateException("interrupted while readers end", e);
        }
      }
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void standbysThatAreKilledCostNoError() throws Exception {
    try (Readers readers = new Readers(8)) {
      Thread.sleep(500);
      servers.one.kill();
      Thread.sleep(1000);
      servers.two.server().stop(StopMode.FAST, Duration.ofSeconds(30));
      Thread.sleep(1000);
      long before = gateway.requests(Route.PRIMARY);
      Thread.sleep(500);
      assertThat(gateway.requests(Route.PRIMARY)).isGreaterThan(before);
      servers.two.restart();
      awaitStandbys(1);
      assertThat(readers.answers.get()).isGreaterThan(100);
    }
  }

  @Test
  void aFrozenStandbyIsLeftAndItsReadsRunElsewhere() throws Exception {
    try (Readers readers = new Readers(8)) {
      Thread.sleep(500);
      signal("STOP", servers.one);
      try {
        Thread.sleep(4000);
        assertThat(gateway.status().standbys())
            .filteredOn(standby -> standby.node().equals("one"))
            .noneMatch(standby -> standby.serves());
        assertThat(Duration.ofNanos(readers.slowest.get()))
            .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
      } finally {
        signal("CONT", servers.one);
      }
      awaitStandbys(2);
    }
  }

  /** All processes of a server. */
  private static void signal(String name, TestPostgres server) throws Exception {
    ProcessHandle postmaster = ProcessHandle.of(server.pid()).orElseThrow();
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    command.add(Long.toString(postmaster.pid()));
    postmaster.descendants().forEach(each -> command.add(Long.toString(each.pid())));
    new ProcessBuilder(command).start().waitFor();
  }

  @Test
  void aStandbyThatIsPromotedIsNotReadFromAnyMore() throws Exception {
    try (RawClient client = RawClient.login(gateway.address())) {
      servers.one.sql("SELECT pg_promote()");
      // the fleet does not know yet: whatever that server says now is of another history
      servers.one.sql("ALTER SYSTEM SET application_name = 'x'");
      awaitStandbys(1);
      servers.primary.postgres().sql("SELECT 1");
      assertThat(gateway.status().standbys())
          .filteredOn(standby -> standby.serves())
          .allMatch(standby -> standby.node().equals("two"));
      for (int i = 0; i < 50; i++) {
        assertThat(client.query("SELECT v FROM t WHERE id = 10")).contains("D:30");
      }
    }
  }

  @Test
  void readsGoOnWhileThereIsNoPrimaryAndWhileItIsPaused() throws Exception {
    try (RawClient client = RawClient.login(gateway.address())) {
      gateway.pause();
      assertThat(client.query("SELECT v FROM t WHERE id = 10")).contains("D:30");
      gateway.resume();
      topology.away();
      assertThat(client.query("SELECT v FROM t WHERE id = 10")).contains("D:30");
      topology.move(servers.primary.primary(2));
      assertThat(client.query("UPDATE t SET v = 0 WHERE id = 1")).contains("C:UPDATE 1");
    }
  }

  @Test
  void thePrimaryHasFewOfTheStatementsOfClientsThatOnlyRead() throws Exception {
    long standby = gateway.requests(Route.STANDBY);
    long primary = gateway.requests(Route.PRIMARY);
    try (Readers readers = new Readers(16)) {
      Thread.sleep(3000);
      assertThat(readers.answers.get()).isGreaterThan(100);
    }
    standby = gateway.requests(Route.STANDBY) - standby;
    primary = gateway.requests(Route.PRIMARY) - primary;
    assertThat(primary * 100.0 / (primary + standby)).isLessThan(10.0);
    List<Integer> used =
        gateway.status().pools().stream()
            .filter(pool -> pool.standby().isPresent())
            .map(pool -> pool.active() + pool.idle())
            .toList();
    assertThat(used).hasSize(2).allMatch(connections -> connections > 0);
  }
}
