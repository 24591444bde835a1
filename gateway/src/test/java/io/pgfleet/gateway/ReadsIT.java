package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.observe.Route;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where statements go, on a primary with two standbys that keep up. */
final class ReadsIT {
  private static ReadServers servers;
  private MovablePrimary topology;
  private Gateway gateway;

  @BeforeAll
  static void startServers() throws Exception {
    servers = ReadServers.create(Map.of("max_connections", "60"));
    try (RawSetUp app = new RawSetUp(servers)) {
      app.run(
          "CREATE TABLE t (id int PRIMARY KEY, v int)",
          "INSERT INTO t SELECT n, 0 FROM generate_series(1, 1000) n",
          "CREATE TABLE calls (at timestamptz DEFAULT now())",
          "CREATE FUNCTION note() RETURNS int LANGUAGE plpgsql VOLATILE AS"
              + " 'BEGIN INSERT INTO calls DEFAULT VALUES; RETURN 1; END'",
          "CREATE FUNCTION liar() RETURNS int LANGUAGE plpgsql STABLE AS"
              + " 'BEGIN RETURN note(); END'",
          "CREATE VIEW hidden AS SELECT note() AS n FROM t WHERE id = 1",
          "CREATE VIEW late AS SELECT id, CASE WHEN id = 900 THEN note() END AS n,"
              + " repeat('x', 200) AS pad FROM t ORDER BY id",
          "CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2'");
    }
    servers.caughtUp();
  }

  /** Runs statements on the primary, as its superuser, in the database app. */
  private record RawSetUp(ReadServers of) implements AutoCloseable {
    void run(String... statements) throws Exception {
      try (var connection = of.primary.connect("app");
          var statement = connection.createStatement()) {
        statement.execute("SET ROLE app");
        for (String each : statements) {
          statement.execute(each);
        }
      }
    }

    @Override
    public void close() {
      // each run has a connection of its own
    }
  }

  @AfterAll
  static void stopServers() {
    servers.close();
  }

  @BeforeEach
  void startGateway() throws Exception {
    topology = servers.topology();
    gateway = AppServer.gateway(settings -> settings, topology);
    awaitReads();
  }

  @AfterEach
  void stopGateway() {
    gateway.close();
  }

  private RawClient client() throws IOException {
    return RawClient.login(gateway.address());
  }

  private void awaitReads() throws Exception {
    long end = System.nanoTime() + 20_000_000_000L;
    try (RawClient client = client()) {
      while (count(Route.STANDBY) == 0
          || !gateway.status().standbys().stream().allMatch(standby -> standby.serves())) {
        assertThat(System.nanoTime()).isLessThan(end);
        client.query("SELECT count(*) FROM t");
        Thread.sleep(20);
      }
    }
  }

  private long standby() {
    return count(Route.STANDBY);
  }

  private long primary() {
    return count(Route.PRIMARY);
  }

  private long count(Route route) {
    return gateway.requests(route);
  }

  private interface Act {
    void run() throws Exception;
  }

  private void onStandby(Act act) throws Exception {
    long before = standby();
    long other = primary();
    act.run();
    assertThat(standby() - before).as("on standbys").isPositive();
    assertThat(primary() - other).as("on the primary").isZero();
  }

  private void onPrimary(Act act) throws Exception {
    long before = standby();
    long other = primary();
    act.run();
    assertThat(primary() - other).as("on the primary").isPositive();
    assertThat(standby() - before).as("on standbys").isZero();
  }

  @Test
  void readsOfBothProtocolsGoToStandbysAndAllElseToThePrimary() throws Exception {
    try (RawClient client = client()) {
      onStandby(() -> assertThat(client.query("SELECT v FROM t WHERE id = 1")).contains("D:0"));
      onStandby(() -> {
        client.send(
            RawClient.parse("", "SELECT twice(21)"),
            RawClient.bind(""),
            RawClient.execute(),
            RawClient.sync());
        assertThat(client.untilReady(1)).contains("D:42", "ZI");
      });
      onStandby(() -> {
        client.send(RawClient.parse("s", "SELECT 7"), RawClient.describe("s"), RawClient.sync());
        client.send(RawClient.bind("s"), RawClient.execute(), RawClient.sync());
        assertThat(client.untilReady(2)).contains("D:7");
      });
      onPrimary(() -> client.query("SELECT note()"));
      onPrimary(() -> client.query("SELECT v FROM t WHERE id = 1 FOR UPDATE"));
      onPrimary(() -> client.query("SELECT pg_current_wal_lsn()"));
      onPrimary(() -> client.query("SHOW port"));
    }
  }

  @Test
  void aFunctionThatWritesInSecretIsRunOnThePrimaryUnseen() throws Exception {
    try (RawClient client = client()) {
      for (String sql : List.of("SELECT liar()", "SELECT n FROM hidden")) {
        long retried = gateway.status().totals().readsRetried();
        assertThat(client.query(sql)).containsExactly("T", "D:1", "C:SELECT 1", "ZI");
        assertThat(gateway.status().totals().readsRetried()).isEqualTo(retried + 1);
        // known by now
        assertThat(client.query(sql)).containsExactly("T", "D:1", "C:SELECT 1", "ZI");
        assertThat(gateway.status().totals().readsRetried()).isEqualTo(retried + 1);
      }
      client.send(
          RawClient.parse("w", "SELECT liar() + $1::int"),
          RawClient.message('B', "\0w\0\0\0\0\1\0\0\0\00241\0\0"),
          RawClient.execute(),
          RawClient.sync(),
          Messages.query("SELECT 5"),
          Messages.query("SELECT 6"));
      assertThat(client.untilReady(3))
          .containsExactly(
              "1",
              "2",
              "D:42",
              "C:SELECT 1",
              "ZI",
              "T",
              "D:5",
              "C:SELECT 1",
              "ZI",
              "T",
              "D:6",
              "C:SELECT 1",
              "ZI");
    }
  }

  @Test
  void aWriteThatShowsOnlyAfterRowsWereGivenAsksForAnotherTry() throws Exception {
    try (RawClient client = client()) {
      List<String> first = client.query("SELECT * FROM late");
      assertThat(first).endsWith("E:40001", "ZI");
      assertThat(client.query("SELECT * FROM late")).endsWith("C:SELECT 1000", "ZI");
    }
  }

  @Test
  void aReadOnlyTransactionStaysOnOneStandby() throws Exception {
    try (RawClient client = client()) {
      onStandby(() -> {
        client.query("BEGIN READ ONLY");
        client.query("SELECT pg_is_in_recovery()");
        assertThat(client.query("SHOW in_hot_standby")).contains("D:on");
        assertThat(client.query("INSERT INTO calls DEFAULT VALUES"))
            .containsExactly("E:25006", "ZE");
        assertThat(client.query("ROLLBACK")).contains("ZI");
      });
      onPrimary(() -> client.query("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"));
      client.query("COMMIT");
      client.send(
          RawClient.parse("", "START TRANSACTION READ ONLY"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.parse("", "SELECT pg_is_in_recovery()"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      // what tells of the server itself does not count as a read, so all of it is the primary's
      assertThat(client.untilReady(1)).contains("D:f", "ZT");
      client.query("COMMIT");
      client.query("SET default_transaction_read_only = on");
      servers.caughtUp();
      Thread.sleep(300);
      onStandby(() -> {
        client.query("BEGIN");
        assertThat(client.query("SELECT pg_is_in_recovery()")).contains("D:t");
        client.send(Messages.query("COMMIT"), Messages.query("SELECT 1"));
        assertThat(client.untilReady(2)).contains("D:1");
      });
    }
  }

  @Test
  void whatWasWrittenIsReadBackAtOnce() throws Exception {
    try (RawClient client = client()) {
      for (int i = 1; i <= 200; i++) {
        client.query("UPDATE t SET v = " + i + " WHERE id = 2");
        assertThat(client.query("SELECT v FROM t WHERE id = 2")).contains("D:" + i);
      }
    }
  }

  @Test
  void pipelinedReadsAndWritesKeepTheirOrder() throws Exception {
    try (RawClient client = client()) {
      for (int i = 0; i < 50; i++) {
        client.send(
            Messages.query("SELECT 1"),
            Messages.query("SELECT v FROM t WHERE id = 3"),
            Messages.query("UPDATE t SET v = v + 1 WHERE id = 3 RETURNING v"),
            Messages.query("SELECT v FROM t WHERE id = 3"),
            RawClient.parse("", "SELECT 9"),
            RawClient.bind(""),
            RawClient.execute(),
            RawClient.sync());
        List<String> answers = client.untilReady(5);
        assertThat(answers)
            .containsExactly(
                "T",
                "D:1",
                "C:SELECT 1",
                "ZI",
                "T",
                "D:" + i,
                "C:SELECT 1",
                "ZI",
                "T",
                "D:" + (i + 1),
                "C:UPDATE 1",
                "ZI",
                "T",
                "D:" + (i + 1),
                "C:SELECT 1",
                "ZI",
                "1",
                "2",
                "D:9",
                "C:SELECT 1",
                "ZI");
      }
    }
  }

  @Test
  void largeResultsAreStreamedFromAStandby() throws Exception {
    try (RawClient client = client()) {
      onStandby(() -> {
        List<String> answers =
            client.query("SELECT repeat('x', 1000) FROM generate_series(1, 5000)");
        assertThat(answers).hasSize(5003).endsWith("C:SELECT 5000", "ZI");
      });
    }
  }

  @Test
  void hintsChooseTheSide() throws Exception {
    try (RawClient client = client()) {
      onPrimary(() -> client.query("/* pgfleet: primary */ SELECT 1"));
      onStandby(() -> client.query("/* pgfleet: standby */ SELECT 1"));
      onStandby(() -> {
        client.query("/*pgfleet:standby*/ BEGIN");
        client.query("SELECT 1");
        client.query("COMMIT");
      });
      onPrimary(() -> {
        client.query("/* pgfleet: primary */ BEGIN READ ONLY");
        client.query("COMMIT");
      });
    }
  }

  @Test
  void namesOfDatabasesForceASide() throws Exception {
    try (RawClient writes = new RawClient(gateway.address());
        RawClient reads = new RawClient(gateway.address())) {
      writes.startup("app", "app_write");
      assertThat(writes.authenticate("app")).isEqualTo("ZI");
      reads.startup("app", "app_read");
      assertThat(reads.authenticate("app")).isEqualTo("ZI");
      onPrimary(() -> assertThat(writes.query("SELECT current_database()")).contains("D:app"));
      onStandby(() -> assertThat(reads.query("SELECT current_database()")).contains("D:app"));
      onStandby(() -> reads.query("SELECT 1"));
    }
  }

  @Test
  void aSessionChoosesItsSide() throws Exception {
    try (RawClient client = client()) {
      assertThat(client.query("SET pgfleet.route = 'primary'")).containsExactly("C:SET", "ZI");
      assertThat(client.query("SHOW pgfleet.route")).contains("D:primary");
      onPrimary(() -> client.query("SELECT 1"));
      assertThat(client.query("set session pgfleet.route to STANDBY")).contains("C:SET");
      onStandby(() -> client.query("SELECT pg_is_in_recovery()"));
      assertThat(client.query("SET pgfleet.route = 'moon'")).containsExactly("E:22023", "ZI");
      assertThat(client.query("SET LOCAL pgfleet.route = 'primary'")).contains("E:22023");
      assertThat(client.query("RESET pgfleet.route")).contains("C:RESET");
      client.send(
          RawClient.parse("", "SET pgfleet.route = 'primary'"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync(),
          Messages.query("SHOW pgfleet.route"));
      assertThat(client.untilReady(2))
          .containsExactly("1", "2", "C:SET", "ZI", "T", "D:primary", "C:SHOW", "ZI");
      client.send(
          RawClient.parse("", "SET pgfleet.route = 'moon'"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("1", "2", "E:22023", "ZI");
      assertThat(client.query("SELECT 3")).contains("D:3");
    }
  }

  @Test
  void whereAStatementWouldGoIsTold() throws Exception {
    try (RawClient client = client()) {
      assertThat(client.query("SHOW ROUTE FOR SELECT * FROM t WHERE id = 1"))
          .contains("D:route,standby", "D:reason,it only reads");
      assertThat(client.query("SHOW ROUTE FOR SELECT note()"))
          .contains(
              "D:route,primary",
              "D:reason,function note may write, tells of its server, or is not known");
      assertThat(client.query("SHOW ROUTE FOR WITH x AS (DELETE FROM t RETURNING *) TABLE x"))
          .contains("D:route,primary", "D:reason,it has the word DELETE");
      assertThat(client.query("SHOW ROUTE FOR SELECT * FROM pg_locks"))
          .contains("D:reason,pg_locks tells of the server that it is asked of");
      client.send(
          RawClient.parse("", "SHOW ROUTE FOR TABLE t"),
          RawClient.bind(""),
          RawClient.describe(""),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1)).startsWith("1", "2", "t", "T", "D:route,standby");
      assertThat(client.query("SHOW work_mem")).contains("C:SHOW", "ZI");
    }
  }
}
