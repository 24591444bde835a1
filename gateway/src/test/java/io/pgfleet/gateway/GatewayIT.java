package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** The gateway as pgjdbc sees it. */
final class GatewayIT {
  private static AppServer server;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws Exception {
    server = AppServer.create();
    gateway = server.gateway(settings -> settings.withPoolSize(5, 1));
  }

  @AfterAll
  static void stop() throws Exception {
    if (gateway != null) {
      gateway.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static Connection connect(String options) throws SQLException {
    return connect("app", "app", "app", options);
  }

  private static Connection connect(String database, String user, String password, String options)
      throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:"
            + gateway.address().getPort()
            + "/"
            + database
            + "?connectTimeout=10&socketTimeout=60"
            + options,
        user,
        password);
  }

  private static String single(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void aWrongPasswordAnUnknownUserAndAnUnknownDatabaseAreRefusedAsTheServerDoes() {
    assertThatThrownBy(() -> connect("app", "app", "wrong", "").close())
        .hasFieldOrPropertyWithValue("SQLState", "28P01");
    assertThatThrownBy(() -> connect("app", "nobody", "wrong", "").close())
        .hasFieldOrPropertyWithValue("SQLState", "28P01");
    assertThatThrownBy(() -> connect("nowhere", "app", "app", "").close())
        .hasFieldOrPropertyWithValue("SQLState", "3D000");
  }

  @Test
  void aChangedPasswordCountsAfterOneFailedLogin() throws Exception {
    try (Connection admin = server.connect("postgres");
        Statement statement = admin.createStatement()) {
      statement.execute("CREATE ROLE changing LOGIN PASSWORD 'first'");
      connect("app", "changing", "first", "").close();
      statement.execute("ALTER ROLE changing PASSWORD 'second'");
      assertThatThrownBy(() -> connect("app", "changing", "second", "").close())
          .isInstanceOf(SQLException.class);
      try (Connection connection = connect("app", "changing", "second", "")) {
        assertThat(single(connection, "SELECT current_user")).isEqualTo("changing");
      }
    }
  }

  @Test
  void tenClientsShareOneServerWithPreparedStatementsOfTheirOwn() throws Exception {
    try (Gateway narrow =
            server.gateway(settings -> settings.withPoolSize(1, 1).withMaxPreparedStatements(3));
        var threads = Executors.newFixedThreadPool(10)) {
      List<Callable<Integer>> clients = new ArrayList<>();
      for (int c = 0; c < 10; c++) {
        int client = c;
        clients.add(() -> runPrepared(narrow.address().getPort(), client));
      }
      int sum = 0;
      for (Future<Integer> future : threads.invokeAll(clients)) {
        sum += future.get();
      }
      assertThat(sum).isEqualTo(10 * 150);
      assertThat(narrow.status().totals().serverConnections()).isEqualTo(1);
    }
  }

  private static int runPrepared(int port, int client) throws SQLException {
    int right = 0;
    try (Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://127.0.0.1:" + port + "/app?prepareThreshold=1", "app", "app")) {
      for (int i = 0; i < 50; i++) {
        for (int statement = 0; statement < 3; statement++) {
          try (PreparedStatement prepared =
              connection.prepareStatement(
                  "SELECT ?::int * 1000 + " + client % 4 + " * 10 + " + statement)) {
            prepared.setInt(1, i);
            try (ResultSet rows = prepared.executeQuery()) {
              rows.next();
              right += rows.getInt(1) == i * 1000 + client % 4 * 10 + statement ? 1 : 0;
            }
          }
        }
      }
    }
    return right;
  }

  @Test
  void parametersFollowTheClient() throws Exception {
    List<Connection> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 12; i++) {
        clients.add(connect("&ApplicationName=client" + i));
      }
      try (Statement statement = clients.get(3).createStatement()) {
        statement.execute("SET TimeZone = 'Asia/Tokyo'");
        statement.execute("SET DateStyle = 'ISO, DMY'");
      }
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 12; i++) {
          assertThat(single(clients.get(i), "SHOW application_name")).isEqualTo("client" + i);
          String zone = single(clients.get(i), "SHOW TimeZone");
          assertThat(zone.equals("Asia/Tokyo")).isEqualTo(i == 3);
        }
      }
      assertThat(gateway.status().pinned()).isEmpty();
    } finally {
      for (Connection client : clients) {
        client.close();
      }
    }
  }

  @Test
  void copyGoesBothWays() throws Exception {
    try (Connection connection = connect("")) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE copied (n int, t text)");
      }
      var copy = connection.unwrap(PGConnection.class).getCopyAPI();
      StringBuilder rows = new StringBuilder();
      for (int i = 0; i < 100_000; i++) {
        rows.append(i).append("\trow ").append(i).append('\n');
      }
      assertThat(copy.copyIn("COPY copied FROM STDIN", new StringReader(rows.toString())))
          .isEqualTo(100_000);
      StringWriter out = new StringWriter();
      copy.copyOut("COPY (SELECT * FROM copied ORDER BY n) TO STDOUT", out);
      assertThat(out.toString().equals(rows.toString())).isTrue();
      assertThatThrownBy(
              () -> copy.copyIn("COPY copied FROM STDIN", new StringReader("not a number\tx\n")))
          .hasFieldOrPropertyWithValue("SQLState", "22P02");
      assertThat(single(connection, "SELECT count(*) FROM copied")).isEqualTo("100000");
    }
  }

  @Test
  void cursorsBatchesSavepointsAndErrorsWork() throws Exception {
    try (Connection connection = connect("&autosave=always&prepareThreshold=1")) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE batched (n int PRIMARY KEY)");
        connection.commit();
        try (PreparedStatement insert =
            connection.prepareStatement("INSERT INTO batched VALUES (?)")) {
          for (int i = 0; i < 1000; i++) {
            insert.setInt(1, i);
            insert.addBatch();
          }
          assertThat(insert.executeBatch()).hasSize(1000);
        }
        assertThatThrownBy(() -> statement.execute("INSERT INTO batched VALUES (1)"))
            .hasFieldOrPropertyWithValue("SQLState", "23505");
        statement.setFetchSize(100);
        int seen = 0;
        try (ResultSet rows = statement.executeQuery("SELECT n FROM batched ORDER BY n")) {
          while (rows.next()) {
            seen++;
          }
        }
        assertThat(seen).isEqualTo(1000);
        connection.commit();
      }
    }
  }

  @Test
  void aStatementSurvivesAChangeOfItsTable() throws Exception {
    try (Connection one = connect("&prepareThreshold=1");
        Connection two = connect("&prepareThreshold=1");
        Statement change = two.createStatement()) {
      change.execute("CREATE TABLE changing (a int)");
      change.execute("INSERT INTO changing VALUES (1)");
      for (int i = 0; i < 3; i++) {
        try (PreparedStatement select = one.prepareStatement("SELECT * FROM changing")) {
          select.executeQuery().close();
        }
      }
      change.execute("ALTER TABLE changing ADD b int DEFAULT 7");
      for (int i = 0; i < 3; i++) {
        try (PreparedStatement select = one.prepareStatement("SELECT * FROM changing");
            ResultSet rows = select.executeQuery()) {
          rows.next();
          assertThat(rows.getInt("b")).isEqualTo(7);
        }
      }
    }
  }

  @Test
  void whatTiesAClientToAServerPinsItVisibly() throws Exception {
    record Case(String sql, String reason) {}
    List<Case> cases =
        List.of(
            new Case("CREATE TEMP TABLE scratch (a int)", "temporary table"),
            new Case("SELECT pg_advisory_lock(7)", "session advisory lock"),
            new Case("SET work_mem = '8MB'", "SET of a parameter that the server does not report"),
            new Case("PREPARE p AS SELECT 1", "PREPARE in SQL"));
    for (Case each : cases) {
      try (Connection connection = connect("");
          Statement statement = connection.createStatement()) {
        statement.execute(each.sql());
        assertThat(gateway.status().pinned())
            .extracting(GatewayStatus.PinnedClient::reason)
            .containsExactly(each.reason());
        statement.execute("DISCARD ALL");
        assertThat(gateway.status().pinned()).isEmpty();
      }
    }
    try (Connection connection = connect("");
        Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL work_mem = '8MB'");
      statement.execute("BEGIN; CREATE TEMP TABLE passing (a int) ON COMMIT DROP; COMMIT");
      statement.execute("SELECT pg_advisory_xact_lock(8)");
      assertThat(gateway.status().pinned()).isEmpty();
    }
  }

  @Test
  void aCancelReachesTheStatementOfItsClientOnly() throws Exception {
    try (var threads = Executors.newFixedThreadPool(12)) {
      List<Callable<Integer>> clients = new ArrayList<>();
      for (int c = 0; c < 4; c++) {
        clients.add(() -> {
          int cancelled = 0;
          try (Connection connection = connect("");
              Statement statement = connection.createStatement()) {
            for (int i = 0; i < 15; i++) {
              statement.setQueryTimeout(0);
              AtomicBoolean done = new AtomicBoolean();
              var canceller = Thread.ofVirtual().start(() -> cancelUntil(done, statement));
              try {
                statement.execute("SELECT pg_sleep(20)");
              } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("57014");
                cancelled++;
              }
              done.set(true);
              canceller.join();
            }
          }
          return cancelled;
        });
      }
      for (int c = 0; c < 8; c++) {
        clients.add(() -> {
          try (Connection connection = connect("")) {
            for (int i = 0; i < 300; i++) {
              single(connection, "SELECT sum(n) FROM generate_series(1, 2000) n");
            }
          }
          return 15;
        });
      }
      for (Future<Integer> future : threads.invokeAll(clients)) {
        assertThat(future.get()).isEqualTo(15);
      }
    }
  }

  private static void cancelUntil(AtomicBoolean done, Statement statement) {
    try {
      while (!done.get()) {
        Thread.sleep(20);
        statement.cancel();
      }
    } catch (SQLException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void largeValuesPassInBoundedMemory() throws Exception {
    try (Connection connection = connect("");
        PreparedStatement select =
            connection.prepareStatement("SELECT length(?), repeat('x', 50000000)")) {
      select.setString(1, "y".repeat(20_000_000));
      try (ResultSet rows = select.executeQuery()) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(20_000_000);
        assertThat(rows.getString(2).length()).isEqualTo(50_000_000);
      }
    }
  }

  @Test
  void twoHundredClientsShareFiveServers() throws Exception {
    List<Connection> clients = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(40)) {
      for (int i = 0; i < 200; i++) {
        clients.add(connect(""));
      }
      List<Callable<String>> work = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 200; i++) {
          Connection client = clients.get(i);
          int number = i;
          work.add(() -> {
            synchronized (client) {
              return single(client, "SELECT " + number).equals("" + number) ? "" : "wrong";
            }
          });
        }
      }
      for (Future<String> future : threads.invokeAll(work)) {
        assertThat(future.get()).isEmpty();
      }
      assertThat(
              gateway.status().pools().stream()
                  .filter(pool -> pool.user().equals("app") && pool.database().equals("app"))
                  .allMatch(pool -> pool.active() + pool.idle() <= 5))
          .isTrue();
    } finally {
      for (Connection client : clients) {
        client.close();
      }
    }
  }

  @Test
  void aClientWithoutAServerIsToldSoAfterTheWaitAndKept() throws Exception {
    try (Gateway narrow =
            server.gateway(settings ->
                settings
                    .withPoolSize(1, 1)
                    .withTimeouts(
                        Duration.ofMillis(300), Duration.ofSeconds(20), Duration.ofMillis(100)));
        RawClient holder = RawClient.login(narrow.address());
        RawClient waiter = RawClient.login(narrow.address())) {
      holder.query("BEGIN");
      assertThat(waiter.query("SELECT 1")).containsExactly("E:57014", "ZI");
      holder.query("COMMIT");
      assertThat(waiter.query("SELECT 1")).contains("D:1");
    }
  }

  @Test
  void sessionModeKeepsTheServerAndCleansItForTheNext() throws Exception {
    try (Gateway session =
        server.gateway(settings -> settings.withPoolSize(1, 1).withPoolMode(PoolMode.SESSION))) {
      String first;
      try (RawClient client = RawClient.login(session.address())) {
        first = client.query("SELECT pg_backend_pid()").get(1);
        client.query("SET work_mem = '9MB'; CREATE TEMP TABLE mine (a int)");
        assertThat(client.query("SHOW work_mem")).contains("D:9MB");
      }
      try (RawClient client = RawClient.login(session.address())) {
        assertThat(client.query("SELECT pg_backend_pid()").get(1)).isEqualTo(first);
        assertThat(client.query("SHOW work_mem")).contains("D:4MB");
        assertThat(client.query("SELECT * FROM mine")).contains("E:42P01");
      }
    }
  }
}
