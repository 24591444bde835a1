package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.gateway.observe.ObserveSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The admin database as pgjdbc and psql see it. */
final class AdminIT {
  private static AppServer server;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws Exception {
    server = AppServer.create();
    try (Connection superuser = server.connect("postgres");
        Statement statement = superuser.createStatement()) {
      statement.execute("SET password_encryption = 'scram-sha-256'");
      statement.execute("CREATE ROLE boss LOGIN PASSWORD 'boss'");
      statement.execute("CREATE ROLE viewer LOGIN PASSWORD 'viewer'");
    }
    gateway = server.gateway(settings -> settings.withPoolSize(3, 2));
    gateway.observe(ObserveSettings.NONE.withUsers(Set.of("boss"), Set.of("viewer")));
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @AfterEach
  void nothingIsHeldBackAfterATest() {
    gateway.resume();
  }

  private static Connection admin(String options) throws SQLException {
    return connect("pgbouncer", "boss", "boss", options);
  }

  private static Connection app() throws SQLException {
    return connect("app", "app", "app", "");
  }

  private static Connection connect(String database, String user, String password, String options)
      throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:"
            + gateway.address().getPort()
            + "/"
            + database
            + "?connectTimeout=10&socketTimeout=30"
            + options,
        user,
        password);
  }

  /** A row by its columns' names; NULL is an empty text. */
  private record Row(Map<String, String> values) {
    String get(String column) {
      return values.getOrDefault(column, "");
    }
  }

  private static List<Row> rows(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<Row> all = new ArrayList<>();
      while (rows.next()) {
        Map<String, String> row = new LinkedHashMap<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          String value = rows.getString(i);
          row.put(rows.getMetaData().getColumnName(i), value == null ? "" : value);
        }
        all.add(new Row(row));
      }
      return all;
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String single(Connection connection, String sql) throws SQLException {
    return rows(connection, sql).getFirst().values().values().iterator().next();
  }

  @Test
  void everyTableIsReadInExtendedSimpleAndBinaryForm() throws SQLException {
    List<String> tables =
        List.of(
            "STATS",
            "STATS_TOTALS",
            "STATS_AVERAGES",
            "TOTALS",
            "SERVERS",
            "CLIENTS",
            "POOLS",
            "LISTS",
            "USERS",
            "DATABASES",
            "PEERS",
            "PEER_POOLS",
            "SOCKETS",
            "ACTIVE_SOCKETS",
            "CONFIG",
            "MEM",
            "DNS_HOSTS",
            "DNS_ZONES",
            "STATE",
            "VERSION",
            "PINS",
            "ROUTES",
            "TRACE");
    try (Connection client = app();
        Connection extended = admin("&prepareThreshold=-1");
        Connection simple = admin("&preferQueryMode=simple")) {
      assertThat(single(client, "SELECT 1")).isEqualTo("1");
      for (String table : tables) {
        List<Row> first = rows(simple, "SHOW " + table);
        List<Row> second = rows(extended, "show " + table + ";");
        if (!first.isEmpty() && !second.isEmpty()) {
          assertThat(second.getFirst().values().keySet())
              .isEqualTo(first.getFirst().values().keySet());
        }
      }
      run(simple, "SHOW HELP");
      assertThatThrownBy(() -> run(simple, "SHOW FDS")).hasMessageContaining("SHOW FDS");
    }
  }

  @Test
  void figuresCountWhatAClientDid() throws SQLException {
    try (Connection client = app();
        Connection admin = admin("")) {
      long before = number(stats(admin), "total_query_count");
      client.setAutoCommit(false);
      for (int i = 0; i < 10; i++) {
        assertThat(single(client, "SELECT " + i)).isEqualTo("" + i);
      }
      client.commit();
      Row stats = stats(admin);
      assertThat(number(stats, "total_query_count") - before).isGreaterThanOrEqualTo(11);
      assertThat(number(stats, "total_xact_count")).isPositive();
      assertThat(number(stats, "total_received")).isPositive();
      assertThat(number(stats, "total_sent")).isPositive();
      assertThat(number(stats, "total_xact_time"))
          .isGreaterThanOrEqualTo(number(stats, "total_query_time"));
      assertThat(number(stats, "total_server_assignment_count")).isPositive();
    }
  }

  private static Row stats(Connection admin) throws SQLException {
    return rows(admin, "SHOW STATS").stream()
        .filter(row -> row.get("database").equals("app"))
        .findFirst()
        .orElse(new Row(Map.of()));
  }

  private static long number(Row row, String column) {
    return row.get(column).isEmpty() ? 0 : Long.parseLong(row.get(column));
  }

  @Test
  void clientsAndServersPointToEachOtherAndPinsSayWhy() throws SQLException {
    try (Connection client = app();
        Connection admin = admin("")) {
      run(client, "SET application_name = 'pinned one'");
      run(client, "CREATE TEMP TABLE kept (a int)");
      Row row =
          rows(admin, "SHOW CLIENTS").stream()
              .filter(found -> "pinned one".equals(found.get("application_name")))
              .findFirst()
              .orElseThrow();
      assertThat(row.values()).containsEntry("type", "C").containsEntry("state", "active");
      assertThat(row.values()).containsEntry("addr", "127.0.0.1").containsEntry("wait", "0");
      assertThat(rows(admin, "SHOW SERVERS"))
          .anyMatch(found ->
              found.get("ptr").equals(row.get("link")) && found.get("link").equals(row.get("ptr")));
      assertThat(rows(admin, "SHOW PINS"))
          .anyMatch(found ->
              found.get("id").equals(row.get("id"))
                  && found.get("reason").contains("temporary table"));
    }
  }

  @Test
  void aPauseHoldsNewTransactionsUntilResume() throws Exception {
    try (Connection client = app();
        Connection admin = admin("")) {
      assertThat(single(client, "SELECT 1")).isEqualTo("1");
      run(admin, "PAUSE");
      assertThat(rows(admin, "SHOW STATE").get(1).values()).containsEntry("value", "yes");
      CompletableFuture<String> held = CompletableFuture.supplyAsync(() -> quietly(client));
      awaitWaiting(admin);
      assertThat(held.isDone()).isFalse();
      assertThatThrownBy(() -> run(admin, "PAUSE")).hasMessageContaining("already");
      run(admin, "RESUME");
      assertThat(held.get(10, TimeUnit.SECONDS)).isEqualTo("2");
      assertThatThrownBy(() -> run(admin, "RESUME")).hasMessageContaining("not paused");
    }
  }

  private static String quietly(Connection client) {
    try {
      return single(client, "SELECT 2");
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void awaitWaiting(Connection admin) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (rows(admin, "SHOW POOLS").stream().noneMatch(row -> row.get("cl_waiting").equals("1"))) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(20);
    }
  }

  @Test
  void onlyThePausedDatabaseWaits() throws Exception {
    try (Connection client = app();
        Connection admin = admin("")) {
      assertThat(single(client, "SELECT 1")).isEqualTo("1");
      run(admin, "PAUSE nowhere");
      assertThat(single(client, "SELECT 1")).isEqualTo("1");
      run(admin, "PAUSE app");
      CompletableFuture<String> held = CompletableFuture.supplyAsync(() -> quietly(client));
      awaitWaiting(admin);
      assertThat(rows(admin, "SHOW DATABASES"))
          .anyMatch(row -> row.get("name").equals("app") && row.get("paused").equals("1"));
      run(admin, "RESUME app");
      assertThat(held.get(10, TimeUnit.SECONDS)).isEqualTo("2");
      run(admin, "RESUME");
    }
  }

  @Test
  void aPauseWaitsForTheTransactionUnderWay() throws Exception {
    try (Connection client = app();
        Connection admin = admin("")) {
      client.setAutoCommit(false);
      assertThat(single(client, "SELECT 1")).isEqualTo("1");
      CompletableFuture<Void> paused = CompletableFuture.runAsync(() -> unchecked(admin, "PAUSE"));
      Thread.sleep(200);
      assertThat(paused.isDone()).isFalse();
      client.commit();
      paused.get(10, TimeUnit.SECONDS);
      run(admin, "RESUME");
    }
  }

  private static void unchecked(Connection connection, String sql) {
    try {
      run(connection, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aDisabledDatabaseTakesNoNewClientsAndKeepsTheOld() throws SQLException {
    try (Connection client = app();
        Connection admin = admin("")) {
      run(admin, "DISABLE app");
      assertThatThrownBy(AdminIT::app).hasMessageContaining("does not take new clients");
      assertThat(single(client, "SELECT 1")).isEqualTo("1");
      run(admin, "ENABLE app");
      app().close();
    }
  }

  @Test
  void reconnectGivesEveryClientAFreshServer() throws SQLException {
    try (Connection client = app();
        Connection admin = admin("")) {
      String before = single(client, "SELECT pg_backend_pid()");
      run(admin, "RECONNECT");
      run(admin, "WAIT_CLOSE");
      assertThat(single(client, "SELECT pg_backend_pid()")).isNotEqualTo(before);
      client.setAutoCommit(false);
      String within = single(client, "SELECT pg_backend_pid()");
      run(admin, "RECONNECT app");
      assertThat(rows(admin, "SHOW SERVERS")).anyMatch(r -> r.get("close_needed").equals("1"));
      assertThat(single(client, "SELECT pg_backend_pid()")).isEqualTo(within);
      client.commit();
      run(admin, "WAIT_CLOSE app");
      assertThat(single(client, "SELECT pg_backend_pid()")).isNotEqualTo(within);
    }
  }

  /** The number of the client with that application_name. */
  private static String clientNamed(Connection admin, String name) throws SQLException {
    return rows(admin, "SHOW CLIENTS").stream()
        .filter(row -> name.equals(row.get("application_name")))
        .findFirst()
        .orElseThrow()
        .get("id");
  }

  @Test
  void killEndsClientsAndOneClientAlone() throws Exception {
    try (Connection first = app();
        Connection second = app();
        Connection admin = admin("")) {
      run(first, "SET application_name = 'victim'");
      String id = clientNamed(admin, "victim");
      run(admin, "KILL_CLIENT " + id);
      assertThatThrownBy(() -> single(first, "SELECT 1")).hasMessageContaining("killed");
      assertThat(single(second, "SELECT 1")).isEqualTo("1");
      assertThatThrownBy(() -> run(admin, "KILL_CLIENT 999999")).hasMessageContaining("not found");
      run(admin, "KILL app");
      assertThatThrownBy(() -> single(second, "SELECT 1")).hasMessageContaining("killed");
      run(admin, "RESUME app");
    }
  }

  @Test
  void suspendReadsNothingMoreAndResumeGoesOn() throws Exception {
    try (Connection client = app();
        Connection admin = admin("")) {
      run(admin, "SUSPEND");
      CompletableFuture<String> held = CompletableFuture.supplyAsync(() -> quietly(client));
      Thread.sleep(300);
      assertThat(held.isDone()).isFalse();
      assertThat(rows(admin, "SHOW STATE").get(2).values()).containsEntry("value", "yes");
      run(admin, "RESUME");
      assertThat(held.get(10, TimeUnit.SECONDS)).isEqualTo("2");
    }
  }

  @Test
  void aViewerLooksOnlyAndOthersDoNotEvenLook() throws SQLException {
    try (Connection viewer = connect("pgbouncer", "viewer", "viewer", "")) {
      assertThat(single(viewer, "SHOW VERSION")).startsWith("PgBouncer 1.25.2");
      for (String command :
          List.of("PAUSE", "KILL_CLIENT 1", "SHUTDOWN", "SET log_connections=1")) {
        assertThatThrownBy(() -> run(viewer, command))
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
      }
    }
    assertThatThrownBy(() -> connect("pgbouncer", "app", "app", ""))
        .hasMessageContaining("may not use the admin database");
    assertThatThrownBy(() -> connect("pgbouncer", "boss", "wrong", ""))
        .hasMessageContaining("password authentication failed");
  }

  @Test
  void driversFindWhatTheyAskForByHabit() throws SQLException {
    try (Connection admin = admin("")) {
      admin.setAutoCommit(false);
      assertThat(admin.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
      assertThat(single(admin, "SELECT 1")).isEqualTo("1");
      admin.rollback();
      admin.setAutoCommit(true);
      assertThat(admin.isValid(5)).isTrue();
      try (PreparedStatement show = admin.prepareStatement("SHOW LISTS")) {
        for (int i = 0; i < 8; i++) {
          ResultSet rows = show.executeQuery();
          assertThat(rows.next()).isTrue();
          assertThat(rows.getInt("items")).isNotNegative();
        }
      }
      assertThatThrownBy(() -> run(admin, "SELECT * FROM pg_class"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42601"));
      assertThat(single(admin, "SHOW VERSION")).startsWith("PgBouncer");
    }
  }

  @Test
  void settingsOfWhatIsSeenChangeWithoutARestart() throws SQLException {
    try (Connection admin = admin("")) {
      run(admin, "SET log_slow_query = '250ms'");
      assertThat(gateway.observed().slowQuery()).contains(Duration.ofMillis(250));
      run(admin, "SET log_slow_query = -1");
      assertThat(gateway.observed().slowQuery()).isEmpty();
      assertThatThrownBy(() -> run(admin, "SET log_connections = maybe"))
          .hasMessageContaining("1 or 0");
      assertThatThrownBy(() -> run(admin, "SET listen_port = 1")).hasMessageContaining("RELOAD");
      assertThatThrownBy(() -> run(admin, "RELOAD")).hasMessageContaining("without a file");
      gateway.onReload(() -> Optional.of("all read"));
      run(admin, "RELOAD");
    }
  }

  @Test
  void aTraceShowsStatementsOfOneClientWithoutTheirValues() throws Exception {
    try (Connection client = app();
        Connection other = app();
        Connection admin = admin("")) {
      run(client, "SET application_name = 'traced'");
      String id = clientNamed(admin, "traced");
      run(admin, "TRACE CLIENT " + id + " FOR 30s");
      assertThat(single(client, "SELECT 'secret value' || 42")).contains("secret");
      assertThat(single(other, "SELECT 'not traced'")).contains("traced");
      assertThatThrownBy(() -> run(client, "SELECT nonsense 'it''s a secret"))
          .isInstanceOf(SQLException.class);
      List<Row> traced = rows(admin, "SHOW TRACE");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (traced.size() < 2 && System.nanoTime() < end) {
        Thread.sleep(20);
        traced = rows(admin, "SHOW TRACE");
      }
      assertThat(traced).allMatch(row -> row.get("client").equals(id));
      assertThat(traced.getFirst().values()).containsEntry("rows", "1").containsEntry("error", "");
      assertThat(traced.getFirst().get("query")).isEqualTo("SELECT $1 || $2");
      assertThat(traced.toString()).doesNotContain("secret");
      run(admin, "TRACE CLIENT " + id + " OFF");
    }
  }

  private static boolean accepts(String url) {
    try (Connection _ = DriverManager.getConnection(url, "app", "app")) {
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  @Test
  void shutdownWaitsForClientsAndThenEnds() throws Exception {
    Gateway other = server.gateway(settings -> settings);
    other.observe(ObserveSettings.NONE.withUsers(Set.of("boss"), Set.of()));
    String at = "jdbc:postgresql://127.0.0.1:" + other.address().getPort() + "/";
    Connection client = DriverManager.getConnection(at + "app", "app", "app");
    Connection admin = DriverManager.getConnection(at + "pgbouncer", "boss", "boss");
    CompletableFuture<Void> asked =
        CompletableFuture.runAsync(() -> unchecked(admin, "SHUTDOWN WAIT_FOR_CLIENTS"));
    while (accepts(at + "app")) {
      Thread.sleep(20);
    }
    assertThat(single(client, "SELECT 1")).isEqualTo("1");
    assertThat(asked.isDone()).isFalse();
    client.close();
    asked.exceptionally(e -> null).get(10, TimeUnit.SECONDS);
    other.close();
  }
}
