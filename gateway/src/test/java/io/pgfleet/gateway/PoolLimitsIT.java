package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.message.Messages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PgBouncer's limits, each on a real server. */
final class PoolLimitsIT {
  private static AppServer server;

  @BeforeAll
  static void startServer() {
    server = AppServer.create();
    server.postgres().sql("CREATE DATABASE app2 OWNER app");
    server.postgres().sql("CREATE ROLE other LOGIN PASSWORD 'app'");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  /** The settings to change; the rest is PgBouncer's. */
  private static final class Wish {
    int size = 1;
    int min;
    int reserve;
    Duration reserveAfter = Duration.ofMillis(300);
    int perDatabase;
    int perUser;
    Duration wait = Duration.ofSeconds(15);
    Duration query = Duration.ZERO;
    Duration idleTransaction = Duration.ZERO;
    Duration transaction = Duration.ZERO;
    Duration clientIdle = Duration.ZERO;
    Duration lifetime = Duration.ofHours(1);
    Duration serverIdle = Duration.ofMinutes(10);

    PoolSettings settings() {
      return new PoolSettings(
          PoolMode.TRANSACTION,
          size,
          min,
          reserve,
          reserveAfter,
          perDatabase,
          perUser,
          wait,
          query,
          idleTransaction,
          transaction,
          clientIdle,
          lifetime,
          serverIdle);
    }
  }

  private static Gateway gateway(Wish wish) throws Exception {
    return server.gateway(settings -> settings.withPool(old -> wish.settings()));
  }

  private static RawClient login(Gateway gateway, String user, String database) throws Exception {
    RawClient client = new RawClient(gateway.address());
    client.startup(user, database);
    assertThat(client.authenticate("app")).isEqualTo("ZI");
    return client;
  }

  private static RawClient login(Gateway gateway) throws Exception {
    return login(gateway, "app", "app");
  }

  private static int open(Gateway gateway) {
    return gateway.status().pools().stream()
        .mapToInt(pool -> pool.active() + pool.idle() + pool.connecting())
        .sum();
  }

  private static void awaitOpen(Gateway gateway, int count) throws Exception {
    long end = System.nanoTime() + 10_000_000_000L;
    while (open(gateway) != count && System.nanoTime() - end < 0) {
      Thread.sleep(20);
    }
    assertThat(open(gateway)).isEqualTo(count);
  }

  @Test
  void aServerThatRefusesAClientsParametersIsNotLost() throws Exception {
    try (Gateway gateway = gateway(new Wish())) {
      for (int i = 0; i < 3; i++) {
        try (RawClient refused = new RawClient(gateway.address())) {
          refused.startup("app", "app", "TimeZone", "no such zone");
          assertThat(refused.authenticate("app")).isEqualTo("E:22023");
        }
      }
      try (RawClient client = login(gateway)) {
        assertThat(client.query("SELECT 1")).contains("D:1");
      }
      assertThat(open(gateway)).isEqualTo(1);
    }
  }

  @Test
  void theReserveIsUsedOnceAClientHasWaited() throws Exception {
    Wish wish = new Wish();
    wish.reserve = 1;
    try (Gateway gateway = gateway(wish);
        RawClient busy = login(gateway);
        RawClient waiting = login(gateway);
        RawClient tooMany = login(gateway)) {
      busy.query("BEGIN");
      waiting.send(Messages.query("BEGIN"));
      assertThat(waiting.untilReady(1)).containsExactly("C:BEGIN", "ZT");
      assertThat(open(gateway)).isEqualTo(2);
      tooMany.send(Messages.query("SELECT 1"));
      Thread.sleep(600);
      assertThat(open(gateway)).isEqualTo(2);
      busy.query("COMMIT");
      assertThat(tooMany.untilReady(1)).contains("D:1");
    }
  }

  @Test
  void allPoolsOfADatabaseTogetherStayWithinItsBound() throws Exception {
    Wish wish = new Wish();
    wish.size = 5;
    wish.perDatabase = 2;
    try (Gateway gateway = gateway(wish);
        RawClient one = login(gateway, "app", "app");
        RawClient two = login(gateway, "app", "app");
        RawClient third = login(gateway, "other", "app");
        RawClient elsewhere = login(gateway, "other", "postgres")) {
      one.query("BEGIN");
      two.query("BEGIN");
      // what is left idle by the login of the other user made room for the second of the first
      third.send(Messages.query("SELECT current_user"));
      assertThat(elsewhere.query("SELECT 1")).contains("D:1");
      assertThat(gateway.status().clientsWaiting()).isEqualTo(1);
      one.query("COMMIT");
      assertThat(third.untilReady(1)).contains("D:other");
      two.query("COMMIT");
    }
  }

  @Test
  void allPoolsOfAUserTogetherStayWithinItsBound() throws Exception {
    Wish wish = new Wish();
    wish.size = 5;
    wish.perUser = 1;
    try (Gateway gateway = gateway(wish);
        RawClient one = login(gateway, "app", "app");
        RawClient two = login(gateway, "app", "app2")) {
      for (int i = 0; i < 3; i++) {
        // the idle server of the one database is closed for the other
        assertThat(one.query("SELECT current_database()")).contains("D:app");
        assertThat(two.query("SELECT current_database()")).contains("D:app2");
      }
      one.query("BEGIN");
      two.send(Messages.query("SELECT 1"));
      Thread.sleep(200);
      assertThat(open(gateway)).isEqualTo(1);
      one.query("COMMIT");
      assertThat(two.untilReady(1)).contains("D:1");
    }
  }

  @Test
  void boundsOfADatabaseHoldOverLoopsAndMayBeItsOwn() throws Exception {
    Wish wish = new Wish();
    wish.size = 5;
    PoolRules rules =
        new PoolRules(
            wish.settings(), Map.of("app", PoolOverride.NONE.withMaxConnections(1)), Map.of());
    try (Gateway gateway =
        server.gateway(settings -> settings.withPoolSize(5, 3).withPools(rules))) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        clients.add(login(gateway, i % 2 == 0 ? "app" : "other", "app"));
      }
      for (int round = 0; round < 2; round++) {
        for (RawClient client : clients) {
          assertThat(client.query("SELECT 1")).contains("D:1");
          assertThat(open(gateway)).isLessThanOrEqualTo(1);
        }
      }
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void asManyServersAsAskedForAreKeptWhileAClientIsThere() throws Exception {
    Wish wish = new Wish();
    wish.size = 5;
    wish.min = 3;
    wish.serverIdle = Duration.ofMillis(300);
    try (Gateway gateway = gateway(wish)) {
      assertThat(open(gateway)).isZero();
      try (RawClient client = login(gateway)) {
        client.query("SELECT 1");
        awaitOpen(gateway, 3);
        Thread.sleep(800);
        assertThat(open(gateway)).isEqualTo(3);
      }
      awaitOpen(gateway, 0);
    }
  }

  @Test
  void aRequestThatWaitsTooLongIsAnsweredAndTheClientStays() throws Exception {
    Wish wish = new Wish();
    wish.wait = Duration.ofSeconds(1);
    try (Gateway gateway = gateway(wish);
        RawClient busy = login(gateway);
        RawClient waiting = login(gateway)) {
      busy.query("BEGIN");
      assertThat(waiting.query("SELECT 1")).containsExactly("E:57014", "ZI");
      busy.query("COMMIT");
      assertThat(waiting.query("SELECT 1")).contains("D:1");
    }
  }

  @Test
  void aStatementThatRunsTooLongIsCancelledAndTheClientStays() throws Exception {
    Wish wish = new Wish();
    wish.query = Duration.ofMillis(300);
    try (Gateway gateway = gateway(wish);
        RawClient client = login(gateway)) {
      client.send(Messages.query("SELECT pg_sleep(20)"));
      RawClient.Message message = client.read();
      while (message.type() != 'E') {
        message = client.read();
      }
      assertThat(message.report().sqlState()).isEqualTo("57014");
      assertThat(message.report().message()).contains("query_timeout");
      assertThat(client.untilReady(1)).containsExactly("ZI");
      assertThat(client.query("SELECT 1")).contains("D:1");
      client.query("BEGIN");
      assertThat(client.query("SELECT pg_sleep(20)")).endsWith("E:57014", "ZE");
      assertThat(client.query("ROLLBACK")).containsExactly("C:ROLLBACK", "ZI");
      assertThat(gateway.status().totals().timeouts()).isEqualTo(2);
    }
  }

  @Test
  void aClientIdleInATransactionLosesItAndTheServerIsFree() throws Exception {
    Wish wish = new Wish();
    wish.idleTransaction = Duration.ofMillis(300);
    try (Gateway gateway = gateway(wish);
        RawClient sleeper = login(gateway);
        RawClient other = login(gateway)) {
      sleeper.query("CREATE TABLE IF NOT EXISTS slept (a int)");
      sleeper.query("BEGIN; INSERT INTO slept VALUES (1)");
      assertThat(other.query("SELECT count(*) FROM slept")).contains("D:0");
      assertThat(sleeper.query("SELECT 1")).containsExactly("E:25P03", "ZE");
      assertThat(sleeper.query("SELECT 1")).containsExactly("E:25P02", "ZE");
      assertThat(sleeper.query("COMMIT")).containsExactly("C:ROLLBACK", "ZI");
      assertThat(sleeper.query("SELECT 2")).contains("D:2");
    }
  }

  @Test
  void aClientIdleInATransactionWithStateOnItsServerIsClosed() throws Exception {
    Wish wish = new Wish();
    wish.idleTransaction = Duration.ofMillis(300);
    try (Gateway gateway = gateway(wish);
        RawClient client = login(gateway)) {
      client.query("CREATE TEMP TABLE scratch (a int)");
      client.query("BEGIN");
      assertThat(client.read().report().sqlState()).isEqualTo("25P03");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void aTransactionThatLastsTooLongIsRolledBackIdleOrBusy() throws Exception {
    Wish wish = new Wish();
    wish.transaction = Duration.ofMillis(600);
    try (Gateway gateway = gateway(wish);
        RawClient client = login(gateway)) {
      client.query("BEGIN");
      Thread.sleep(1000);
      assertThat(client.query("SELECT 1")).containsExactly("E:25P04", "ZE");
      client.query("ROLLBACK");
      client.query("BEGIN");
      assertThat(client.query("SELECT pg_sleep(20)")).endsWith("E:25P04", "ZE");
      while (gateway.status().clientsActive() > 0) {
        Thread.sleep(20);
      }
      assertThat(client.query("SELECT 1")).containsExactly("E:25P02", "ZE");
      assertThat(gateway.status().clientsActive()).isZero();
      assertThat(client.query("ROLLBACK")).containsExactly("C:ROLLBACK", "ZI");
      assertThat(client.query("SELECT 1")).contains("D:1");
    }
  }

  @Test
  void aClientIdleForTooLongIsClosed() throws Exception {
    Wish wish = new Wish();
    wish.clientIdle = Duration.ofSeconds(3);
    try (Gateway gateway = gateway(wish);
        RawClient idle = login(gateway);
        RawClient active = login(gateway)) {
      for (int i = 0; i < 45; i++) {
        active.query("SELECT 1");
        Thread.sleep(100);
      }
      assertThat(idle.read().report().sqlState()).isEqualTo("57P05");
      assertThat(active.query("SELECT 1")).contains("D:1");
    }
  }

  @Test
  void oldAndUnusedServersAreClosed() throws Exception {
    Wish wish = new Wish();
    wish.lifetime = Duration.ofMillis(500);
    try (Gateway gateway = gateway(wish);
        RawClient client = login(gateway)) {
      client.query("SELECT 1");
      awaitOpen(gateway, 0);
      assertThat(client.query("SELECT 1")).contains("D:1");
    }
    Wish other = new Wish();
    other.serverIdle = Duration.ofMillis(300);
    try (Gateway gateway = gateway(other);
        RawClient client = login(gateway)) {
      client.query("SELECT 1");
      awaitOpen(gateway, 0);
    }
  }

  @Test
  void clientsBeyondTheBoundAreRefused() throws Exception {
    try (Gateway gateway = server.gateway(settings -> settings.withMaxClientConnections(2));
        RawClient one = login(gateway);
        RawClient two = login(gateway);
        RawClient three = new RawClient(gateway.address())) {
      three.startup("app", "app");
      assertThat(three.authenticate("app")).isEqualTo("E:53300");
      assertThat(one.query("SELECT 1")).contains("D:1");
      assertThat(two.query("SELECT 1")).contains("D:1");
    }
  }

  @Test
  void theClientThatHasWaitedLongestIsServedFirst() throws Exception {
    try (Gateway gateway = gateway(new Wish());
        RawClient busy = login(gateway)) {
      List<RawClient> queue = new ArrayList<>();
      busy.query("BEGIN");
      for (int i = 0; i < 5; i++) {
        RawClient client = login(gateway);
        client.send(Messages.query("SELECT clock_timestamp()"));
        Thread.sleep(20);
        queue.add(client);
      }
      busy.query("COMMIT");
      List<String> times = new ArrayList<>();
      for (RawClient client : queue) {
        times.add(client.untilReady(1).get(1));
        client.close();
      }
      assertThat(times).isSorted();
    }
  }
}
