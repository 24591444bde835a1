package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.observe.Route;
import io.pgfleet.gateway.route.ReadSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reads on standbys that apply every commit two seconds late. */
final class ReadsBehindIT {
  private static ReadServers servers;

  @BeforeAll
  static void startServers() throws Exception {
    servers = ReadServers.create(Map.of("max_connections", "60", "recovery_min_apply_delay", "2s"));
    try (var connection = servers.primary.connect("app");
        var statement = connection.createStatement()) {
      statement.execute("SET ROLE app");
      statement.execute("CREATE TABLE t (id int PRIMARY KEY, v int)");
      statement.execute("INSERT INTO t SELECT n, 0 FROM generate_series(1, 100) n");
    }
    servers.caughtUp();
  }

  @AfterAll
  static void stopServers() {
    servers.close();
  }

  private static Gateway gateway(
      ReadSettings.OwnWrites ownWrites, Duration maxLag, ReadSettings.AllBehind allBehind)
      throws Exception {
    ReadSettings reads =
        new ReadSettings(
            ReadSettings.Mode.AUTOMATIC,
            Map.of(),
            maxLag,
            64L << 20,
            ownWrites,
            allBehind,
            Optional.empty(),
            List.of());
    Gateway gateway =
        AppServer.gateway(
            settings -> settings.with(draft -> draft.reads = reads), servers.topology());
    long end = System.nanoTime() + 20_000_000_000L;
    try (RawClient client = RawClient.login(gateway.address())) {
      while (gateway.requests(Route.STANDBY) == 0) {
        assertThat(System.nanoTime()).isLessThan(end);
        client.query("SELECT 1");
        Thread.sleep(50);
      }
    }
    return gateway;
  }

  @Test
  void manyClientsNeverMissTheirOwnWrites() throws Exception {
    try (Gateway gateway =
        gateway(
            ReadSettings.OwnWrites.SESSION,
            Duration.ofSeconds(30),
            ReadSettings.AllBehind.PRIMARY)) {
      List<Throwable> failures = new CopyOnWriteArrayList<>();
      AtomicInteger reads = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int i = 1; i <= 12; i++) {
        int id = i;
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  try (RawClient client = RawClient.login(gateway.address())) {
                    writeAndRead(client, id, reads);
                  } catch (Exception | AssertionError e) {
                    failures.add(e);
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).isEmpty();
      // those that had waited long enough were answered by standbys
      assertThat(gateway.requests(Route.STANDBY)).isGreaterThan(50);
    }
  }

  private static void writeAndRead(RawClient client, int id, AtomicInteger reads) throws Exception {
    Random random = new Random(id);
    long end = System.nanoTime() + 9_000_000_000L;
    for (int v = 1; System.nanoTime() < end; v++) {
      if (random.nextBoolean()) {
        client.query("UPDATE t SET v = " + v + " WHERE id = " + id);
      } else {
        client.query("BEGIN");
        client.query("SELECT 1");
        client.query("UPDATE t SET v = " + v + " WHERE id = " + id);
        client.query("COMMIT");
      }
      long rest = System.nanoTime() + random.nextInt(2_900) * 1_000_000L;
      do {
        assertThat(client.query("SELECT v FROM t WHERE id = " + id)).contains("D:" + v);
        reads.incrementAndGet();
        Thread.sleep(20 + random.nextInt(60));
      } while (System.nanoTime() < rest);
    }
  }

  @Test
  void whatOneConnectionOfAUserWroteTheOthersReadAtOnce() throws Exception {
    try (Gateway gateway =
            gateway(
                ReadSettings.OwnWrites.USER,
                Duration.ofSeconds(30),
                ReadSettings.AllBehind.PRIMARY);
        RawClient writer = RawClient.login(gateway.address());
        RawClient reader = RawClient.login(gateway.address())) {
      for (int v = 1; v <= 60; v++) {
        writer.query("UPDATE t SET v = " + v + " WHERE id = 50");
        assertThat(reader.query("SELECT v FROM t WHERE id = 50")).contains("D:" + v);
        Thread.sleep(v % 20 == 0 ? 2500 : 5);
      }
    }
  }

  @Test
  void aPureReadOnThePrimaryDoesNotKeepAClientThere() throws Exception {
    try (Gateway gateway =
            gateway(
                ReadSettings.OwnWrites.SESSION,
                Duration.ofSeconds(30),
                ReadSettings.AllBehind.PRIMARY);
        RawClient client = RawClient.login(gateway.address())) {
      client.query("/* pgfleet: primary */ SELECT count(*) FROM t");
      client.query("BEGIN");
      client.query("SELECT v FROM t WHERE id = 1");
      client.query("COMMIT");
      long before = gateway.requests(Route.STANDBY);
      client.query("SELECT v FROM t WHERE id = 1");
      assertThat(gateway.requests(Route.STANDBY)).isEqualTo(before + 1);
    }
  }

  @Test
  void aStandbyBeyondTheBoundIsLeftAndComesBack() throws Exception {
    try (Gateway gateway =
            gateway(
                ReadSettings.OwnWrites.OFF, Duration.ofSeconds(1), ReadSettings.AllBehind.PRIMARY);
        RawClient client = RawClient.login(gateway.address())) {
      long end = System.nanoTime() + 2_000_000_000L;
      while (System.nanoTime() < end) {
        client.query("UPDATE t SET v = v + 1 WHERE id = 60");
        client.query("SELECT 1");
        Thread.sleep(20);
      }
      assertThat(gateway.status().standbys())
          .noneMatch(standby -> standby.serves())
          .allMatch(standby -> standby.answers() && standby.lag().toMillis() > 1000);
      long before = gateway.requests(Route.STANDBY);
      client.query("SELECT 1");
      assertThat(gateway.requests(Route.STANDBY)).isEqualTo(before);
      assertThat(gateway.status().totals().readsBehind()).isPositive();
      long until = System.nanoTime() + 20_000_000_000L;
      while (gateway.requests(Route.STANDBY) == before) {
        assertThat(System.nanoTime()).isLessThan(until);
        client.query("SELECT 1");
        Thread.sleep(50);
      }
    }
  }

  @Test
  void whereTheSettingsSaySoReadsWaitOrFail() throws Exception {
    try (Gateway gateway =
            gateway(
                ReadSettings.OwnWrites.SESSION,
                Duration.ofSeconds(30),
                ReadSettings.AllBehind.WAIT);
        RawClient client = RawClient.login(gateway.address())) {
      client.query("UPDATE t SET v = 77 WHERE id = 70");
      long before = System.nanoTime();
      long standby = gateway.requests(Route.STANDBY);
      assertThat(client.query("SELECT v FROM t WHERE id = 70")).contains("D:77");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofSeconds(1));
      assertThat(gateway.requests(Route.STANDBY)).isEqualTo(standby + 1);
    }
    try (Gateway gateway =
            gateway(
                ReadSettings.OwnWrites.SESSION,
                Duration.ofSeconds(30),
                ReadSettings.AllBehind.ERROR);
        RawClient client = RawClient.login(gateway.address())) {
      client.query("UPDATE t SET v = 78 WHERE id = 70");
      assertThat(client.query("SELECT v FROM t WHERE id = 70")).containsExactly("E:57P03", "ZI");
      assertThat(client.query("UPDATE t SET v = 79 WHERE id = 70")).contains("C:UPDATE 1");
    }
  }
}
