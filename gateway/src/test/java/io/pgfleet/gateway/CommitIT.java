package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.scram.ScramVerifier;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Commits that wait for standbys: cancelled waits, and clients that would rather not wait. */
final class CommitIT {
  private static AppServer server;
  private static Gateway gateway;
  private static Connection observer;

  @BeforeAll
  static void start() throws Exception {
    server = AppServer.create();
    server
        .postgres()
        .sql(
            "CREATE ROLE batch LOGIN PASSWORD '"
                + ScramVerifier.of("app", new byte[16], 4096).text()
                + "'");
    gateway =
        server.gateway(settings ->
            settings
                .withPoolSize(1, 1)
                .with(draft -> draft.commits = new CommitRules(true, Set.of("batch"))));
    observer = server.connect("app");
    try (RawClient client = client()) {
      assertThat(client.query("CREATE TABLE t (a int)")).contains("ZI");
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (observer != null) {
      observer.close();
    }
    if (gateway != null) {
      gateway.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static RawClient client() throws Exception {
    return RawClient.login(gateway.address());
  }

  private static void execute(String sql) throws SQLException {
    try (Statement statement = observer.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long count(String sql) throws SQLException {
    try (Statement statement = observer.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    }
  }

  /** From now on commits wait for a standby that there is not. */
  private static void waitForNobody() throws Exception {
    standbys("nobody");
  }

  private static void standbys(String names) throws Exception {
    execute("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'");
    execute("SELECT pg_reload_conf()");
    long end = System.nanoTime() + 20_000_000_000L;
    while (!server.postgres().sql("SHOW synchronous_standby_names").equals(names)) {
      assertThat(System.nanoTime()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(10);
    }
    // A new session shows it once all processes are told. Commits wait, or go on, not before the
    // checkpointer has read it, which it does before a checkpoint, not surely before one under way.
    execute("CHECKPOINT");
    execute("CHECKPOINT");
  }

  @AfterEach
  void waitNoMore() throws Exception {
    standbys("");
  }

  /** Cancels the next wait for standbys, as an administrator does. */
  private static CompletableFuture<Void> cancelNextWait() {
    return endNextWait("pg_cancel_backend");
  }

  private static CompletableFuture<Void> endNextWait(String how) {
    return CompletableFuture.runAsync(() -> {
      try {
        long end = System.nanoTime() + 20_000_000_000L;
        String waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        while (count("SELECT count(" + how + "(pid)) " + waiting) == 0) {
          assertThat(System.nanoTime()).as("nothing waits").isLessThan(end);
          TimeUnit.MILLISECONDS.sleep(20);
        }
      } catch (SQLException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void aCancelledCommitOfASimpleQueryIsOfUnknownOutcome() throws Exception {
    try (RawClient client = client()) {
      waitForNobody();
      CompletableFuture<Void> cancel = cancelNextWait();
      client.send(Messages.query("INSERT INTO t VALUES (1)"));
      ServerReport report = client.read().report();
      assertThat(report.severity()).isEqualTo("ERROR");
      assertThat(report.sqlState()).isEqualTo("08007");
      assertThat(report.detail()).contains("has committed");
      assertThat(report.hint()).contains("Look whether");
      assertThat(client.untilReady(1)).containsExactly("ZI");
      cancel.get();
      assertThat(client.query("SELECT count(*) FROM t WHERE a = 1")).contains("D:1", "ZI");
    }
  }

  @Test
  void aCancelledCommitOfABlockIsOfUnknownOutcome() throws Exception {
    try (RawClient client = client()) {
      waitForNobody();
      assertThat(client.query("BEGIN")).contains("ZT");
      assertThat(client.query("INSERT INTO t VALUES (2)")).contains("ZT");
      CompletableFuture<Void> cancel = cancelNextWait();
      assertThat(client.query("COMMIT")).containsExactly("E:08007", "ZI");
      cancel.get();
      assertThat(client.query("SELECT count(*) FROM t WHERE a = 2")).contains("D:1", "ZI");
    }
  }

  @Test
  void aCommitWhoseServerIsToldToEndIsOfUnknownOutcome() throws Exception {
    try (RawClient client = client()) {
      waitForNobody();
      assertThat(client.query("BEGIN; INSERT INTO t VALUES (13)")).contains("ZT");
      CompletableFuture<Void> end = endNextWait("pg_terminate_backend");
      assertThat(client.query("COMMIT")).containsExactly("E:08006", "ZI");
      end.get();
      assertThat(client.query("SELECT count(*) FROM t WHERE a = 13")).contains("D:1", "ZI");
    }
  }

  @Test
  void nothingOfTheQueryIsShownAfterACancelledCommit() throws Exception {
    try (RawClient client = client()) {
      waitForNobody();
      CompletableFuture<Void> cancel = cancelNextWait();
      assertThat(
              client.query(
                  "BEGIN; INSERT INTO t VALUES (3); COMMIT; BEGIN;"
                      + " SELECT repeat('x', 100000) FROM generate_series(1, 20)"))
          .containsExactly("C:BEGIN", "C:INSERT 0 1", "E:08007", "ZT");
      cancel.get();
      assertThat(client.query("ROLLBACK")).containsExactly("C:ROLLBACK", "ZI");
    }
  }

  @Test
  void aCancelledCommitAtSyncIsOfUnknownOutcome() throws Exception {
    try (RawClient client = client()) {
      waitForNobody();
      CompletableFuture<Void> cancel = cancelNextWait();
      client.send(
          RawClient.parse("", "INSERT INTO t VALUES (4)"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync(),
          RawClient.parse("", "SELECT 5"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(2))
          .containsExactly(
              "1", "2", "C:INSERT 0 1", "E:08007", "ZI", "1", "2", "D:5", "C:SELECT 1", "ZI");
      cancel.get();
    }
  }

  @Test
  void afterACancelledCommitTheRestOfAPipelineIsForgotten() throws Exception {
    try (RawClient client = client()) {
      waitForNobody();
      assertThat(client.query("BEGIN; INSERT INTO t VALUES (6)")).contains("ZT");
      CompletableFuture<Void> cancel = cancelNextWait();
      client.send(
          RawClient.parse("c", "COMMIT"),
          RawClient.bind("c"),
          RawClient.execute(),
          RawClient.parse("s", "SELECT 7"),
          RawClient.closeStatement("c"),
          RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("1", "2", "E:08007", "ZI");
      cancel.get();
      client.send(
          // of this the client knows that it was never parsed, and of the other that it still is
          RawClient.parse("s", "SELECT 8"),
          RawClient.bind("s"),
          RawClient.execute(),
          RawClient.bind("c"),
          RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("1", "2", "D:8", "C:SELECT 1", "2", "ZI");
    }
  }

  @Test
  void aDriverThrowsForACancelledCommit() throws Exception {
    try (Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://127.0.0.1:" + gateway.address().getPort() + "/app", "app", "app")) {
      waitForNobody();
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("INSERT INTO t VALUES (9)");
        CompletableFuture<Void> cancel = cancelNextWait();
        assertThatThrownBy(connection::commit)
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08007"));
        cancel.get();
      }
    }
  }

  @Test
  void anyOtherWarningPasses() throws Exception {
    try (RawClient client = client()) {
      client.send(
          Messages.query(
              "DO $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication due to user"
                  + " request'; END $$"));
      assertThat(client.read().type()).isEqualTo('N');
      assertThat(client.untilReady(1)).containsExactly("C:DO", "ZI");
    }
  }

  @Test
  void loweringTheWaitIsRefusedInASimpleQuery() throws Exception {
    try (RawClient client = client()) {
      client.send(Messages.query("SET synchronous_commit = off"));
      ServerReport report = client.read().report();
      assertThat(report.sqlState()).isEqualTo("42501");
      assertThat(report.hint()).contains("async_commit_users");
      assertThat(client.untilReady(1)).containsExactly("ZI");
      assertThat(client.query("SHOW synchronous_commit")).contains("D:on");
      assertThat(client.query("BEGIN")).contains("ZT");
      assertThat(client.query("SELECT set_config('synchronous_commit', 'local', true)"))
          .containsExactly("E:42501", "ZE");
      assertThat(client.query("INSERT INTO t VALUES (10)")).containsExactly("E:25P02", "ZE");
      assertThat(client.query("COMMIT")).containsExactly("C:ROLLBACK", "ZI");
      assertThat(client.query("SELECT 1; SET LOCAL synchronous_commit TO local"))
          .containsExactly("E:42501", "ZI");
      assertThat(client.query("ALTER ROLE app SET synchronous_commit = off"))
          .containsExactly("E:42501", "ZI");
    }
  }

  @Test
  void loweringTheWaitIsRefusedInItsTurnInAPipeline() throws Exception {
    try (RawClient client = client()) {
      client.send(
          RawClient.parse("", "SELECT 11"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.parse("off", "SET synchronous_commit TO off"),
          RawClient.bind("off"),
          RawClient.execute(),
          RawClient.sync(),
          RawClient.bind("off"),
          RawClient.sync(),
          RawClient.parse("off", "SELECT 12"),
          RawClient.bind("off"),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(3))
          .containsExactly(
              "1",
              "2",
              "D:11",
              "C:SELECT 1",
              "E:42501",
              "ZI",
              "E:26000",
              "ZI",
              "1",
              "2",
              "D:12",
              "C:SELECT 1",
              "ZI");
    }
  }

  @Test
  void raisingTheWaitIsNotRefused() throws Exception {
    try (RawClient client = client()) {
      for (String value : List.of("on", "remote_apply", "DEFAULT")) {
        assertThat(client.query("SET LOCAL synchronous_commit = " + value)).contains("C:SET", "ZI");
      }
    }
  }

  @Test
  void aClientMayNotStartWithALoweredWait() throws Exception {
    List<List<String>> refused =
        List.of(
            List.of("options", "-c synchronous_commit=off"),
            List.of("options", "-cwork_mem=1MB --synchronous-commit=LOCAL"),
            List.of("synchronous_commit", "remote_write"));
    for (List<String> startup : refused) {
      try (RawClient client = new RawClient(gateway.address())) {
        client.startup("app", "app", startup.toArray(String[]::new));
        assertThat(client.authenticate("app")).as("%s", startup).isEqualTo("E:42501");
      }
    }
    try (RawClient client = new RawClient(gateway.address())) {
      client.startup("app", "app", "options", "-c synchronous_commit=remote_apply");
      assertThat(client.authenticate("app")).isEqualTo("ZI");
      assertThat(client.query("SHOW synchronous_commit")).contains("D:remote_apply");
    }
  }

  @Test
  void aUserMayBeAllowedToLowerIt() throws Exception {
    try (RawClient client = new RawClient(gateway.address())) {
      client.startup("batch", "app", "options", "-c synchronous_commit=local");
      assertThat(client.authenticate("app")).isEqualTo("ZI");
      assertThat(client.query("SHOW synchronous_commit")).contains("D:local");
      assertThat(client.query("SET LOCAL synchronous_commit = off")).contains("C:SET", "ZI");
    }
  }
}
