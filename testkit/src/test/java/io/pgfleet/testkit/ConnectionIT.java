package io.pgfleet.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.client.Column;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.CopyChannel;
import io.pgfleet.wire.client.Notification;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Result;
import io.pgfleet.wire.client.ResultListener;
import io.pgfleet.wire.client.Row;
import io.pgfleet.wire.client.TransactionState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The client of the wire module on a real server; here, as that module may not know this one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class ConnectionIT {
  private static final String PASSWORD = "pässwörd '\" 1";

  private TestPostgres server;
  private Connection connection;

  @BeforeAll
  void startServer() throws Exception {
    server = TestPostgres.start();
    server.sql("ALTER ROLE postgres PASSWORD '" + PASSWORD.replace("'", "''") + "'");
  }

  @AfterAll
  void stopServer() throws Exception {
    server.close();
  }

  private ConnectSettings settings() {
    return server
        .settings("postgres")
        .withPassword(PASSWORD)
        .withTimeouts(Duration.ofSeconds(30), Duration.ofSeconds(60));
  }

  @BeforeEach
  void connect() throws Exception {
    connection = Connection.open(settings().withParameter("application_name", "it"));
  }

  @AfterEach
  void disconnect() {
    connection.close();
  }

  @Test
  void severalStatementsGiveTheirResultsInOrder() throws Exception {
    List<Result> results =
        connection.query("select 1 as a, null as b; create temp table t(x int); ; select 'é' as c");
    assertThat(results)
        .extracting(Result::tag)
        .containsExactly("SELECT 1", "CREATE TABLE", "SELECT 1");
    assertThat(results.get(0).onlyRow().get("a")).isEqualTo("1");
    assertThat(results.get(0).onlyRow().get("b")).isNull();
    assertThat(results.get(2).single()).isEqualTo("é");
    assertThat(results.get(0).columns().getFirst().typeOid()).isEqualTo(23);
    assertThat(connection.query("")).extracting(Result::tag).containsExactly("");
  }

  @Test
  void parametersTravelApartFromTheStatement() throws Exception {
    Result result = connection.query("select $1::text as a, $2::int + 1 as b", null, "41");
    assertThat(result.onlyRow().values()).containsExactly(null, "42");
    assertThat(connection.query("create temp table t(x int)", new String[0]).columns()).isEmpty();
    assertThat(connection.query("insert into t select generate_series(1, $1::int)", "7").affected())
        .isEqualTo(7);
    assertThat(connection.query("", new String[0]).tag()).isEmpty();
  }

  @Test
  void anErrorCarriesItsReportAndLeavesTheConnectionUsable() throws Exception {
    PostgresException error =
        catchThrowableOfType(PostgresException.class, () -> connection.query("select nocolumn"));
    assertThat(error.sqlState()).isEqualTo("42703");
    assertThat(error.report().fields().get(ServerReport.POSITION)).isEqualTo("8");
    assertThatThrownBy(() -> connection.query("select $1::int", "x"))
        .isInstanceOf(PostgresException.class);
    assertThat(connection.isBroken()).isFalse();
    assertThat(connection.query("select 1").getFirst().single()).isEqualTo("1");
  }

  @Test
  void theTransactionStateFollowsTheServer() throws Exception {
    assertThat(connection.transactionState()).isEqualTo(TransactionState.IDLE);
    connection.query("begin");
    assertThat(connection.transactionState()).isEqualTo(TransactionState.IN_TRANSACTION);
    assertThatThrownBy(() -> connection.query("bad")).isInstanceOf(PostgresException.class);
    assertThat(connection.transactionState()).isEqualTo(TransactionState.FAILED);
    connection.query("rollback");
    assertThat(connection.transactionState()).isEqualTo(TransactionState.IDLE);
  }

  @Test
  void aWrongPasswordIsRefusedByTheServer() {
    PostgresException error =
        catchThrowableOfType(
            PostgresException.class,
            () -> Connection.open(settings().withPassword("wrong")).close());
    assertThat(error.sqlState()).isEqualTo(SqlState.INVALID_PASSWORD);
    assertThat(settings().toString()).doesNotContain(PASSWORD);
  }

  @Test
  void parametersAndNoticesAndNotificationsArrive() throws Exception {
    List<String> notices = new ArrayList<>();
    connection.onNotice(report -> notices.add(report.message()));
    connection.query("do $$ begin raise notice 'hello'; end $$");
    assertThat(notices).containsExactly("hello");
    assertThat(connection.parameters()).containsKeys("server_version", "TimeZone");
    connection.query("listen news");
    connection.query("notify news, 'extra'");
    assertThat(connection.takeNotifications())
        .containsExactly(new Notification(connection.processId(), "news", "extra"));
    assertThat(connection.takeNotifications()).isEmpty();
  }

  @Test
  void aCopyGoesInAndComesOut() throws Exception {
    connection.query("create temp table t(a int, b text)");
    byte[] data = "1\tone\n2\t\\N\n".getBytes(UTF_8);
    assertThat(connection.copyIn("copy t from stdin", new ByteArrayInputStream(data))).isEqualTo(2);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(connection.copyOut("copy t to stdout", out)).isEqualTo(2);
    assertThat(out.toByteArray()).isEqualTo(data);
    assertThatThrownBy(() -> connection.query("copy t from stdin"))
        .isInstanceOf(PostgresException.class);
    assertThatThrownBy(() -> connection.query("copy t from stdin", new String[0]))
        .isInstanceOf(PostgresException.class);
    assertThatThrownBy(() -> connection.query("copy t to stdout"))
        .hasMessageContaining("COPY TO STDOUT");
    assertThat(connection.query("select count(*) from t").getFirst().single()).isEqualTo("2");
  }

  @Test
  void aCopyThatFailsOnEitherSideLeavesTheConnectionUsable() throws Exception {
    connection.query("create temp table t(a int)");
    assertThatThrownBy(() -> connection.copyIn("copy t from stdin", endless("no number\n")))
        .isInstanceOf(PostgresException.class)
        .hasMessageContaining("invalid input syntax");
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("unplugged");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            throw new IOException("unplugged");
          }
        };
    assertThatThrownBy(() -> connection.copyIn("copy t from stdin", failing))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unplugged");
    assertThat(connection.isBroken()).isFalse();
    assertThat(connection.query("select count(*) from t").getFirst().single()).isEqualTo("0");
  }

  @Test
  void aTriggerThatSaysMuchDoesNotBlockACopy() throws Exception {
    connection.query(
        "create temp table t(a int); create function say() returns trigger language plpgsql as"
            + " $$ begin raise notice '%', repeat('x', 2000); return new; end $$; create trigger"
            + " say before insert on t for each row execute function say()");
    byte[] rows = "1\n".repeat(20_000).getBytes(UTF_8);
    assertThat(connection.copyIn("copy t from stdin", new ByteArrayInputStream(rows)))
        .isEqualTo(20_000);
  }

  @Test
  void aRunningStatementCanBeCancelled() throws Exception {
    Thread canceller =
        Thread.ofVirtual()
            .start(() -> {
              try (Connection other = Connection.open(settings())) {
                String waiting =
                    "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and pid"
                        + " = $1::int";
                while (!"1".equals(other.query(waiting, "" + connection.processId()).single())) {
                  Thread.sleep(20);
                }
                connection.cancel();
              } catch (IOException | PostgresException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThatThrownBy(() -> connection.query("select pg_sleep(50)"))
        .isInstanceOfSatisfying(
            PostgresException.class,
            e -> assertThat(e.sqlState()).isEqualTo(SqlState.QUERY_CANCELED));
    canceller.join();
    assertThat(connection.query("select 1").getFirst().single()).isEqualTo("1");
  }

  @Test
  void rowsStreamAndLongValuesPass() throws Exception {
    long[] seen = new long[2];
    connection.run(
        "select repeat('x', 3000000) from generate_series(1, 20)",
        new ResultListener() {
          @Override
          public void row(@Nullable String[] values) {
            seen[0]++;
            seen[1] += String.valueOf(values[0]).length();
          }
        });
    assertThat(seen).containsExactly(20, 60_000_000);
  }

  @Test
  void aSilentServerRunsIntoTheTimeoutAndTheConnectionIsBroken() throws Exception {
    connection.setSocketTimeout(Duration.ofMillis(200));
    assertThatThrownBy(() -> connection.query("select pg_sleep(50)"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("silent");
    assertThat(connection.isBroken()).isTrue();
    assertThatThrownBy(() -> connection.query("select 1")).hasMessageContaining("closed");
  }

  @Test
  void aTerminatedBackendSaysWhy() throws Exception {
    try (Connection other = Connection.open(settings())) {
      other.query("select pg_terminate_backend($1::int, 10000)", "" + connection.processId());
    }
    assertThatThrownBy(() -> connection.query("select 1"))
        .isInstanceOfSatisfying(
            PostgresException.class,
            e -> assertThat(e.sqlState()).isEqualTo(SqlState.ADMIN_SHUTDOWN));
    assertThat(connection.isBroken()).isTrue();
  }

  @Test
  void aBaseBackupGivesResultSetsAndItsData() throws Exception {
    int[] sets = new int[1];
    long[] bytes = new long[1];
    try (Connection walsender = Connection.open(settings().withReplication(true))) {
      assertThat(walsender.query("IDENTIFY_SYSTEM").getFirst().onlyRow().required("systemid"))
          .isNotEmpty();
      walsender.run(
          "BASE_BACKUP (CHECKPOINT 'fast', PROGRESS, WAL false, MANIFEST 'no')",
          new ResultListener() {
            @Override
            public void rowDescription(List<Column> columns) {
              sets[0]++;
            }

            @Override
            public void copyData(ByteBuffer data) {
              bytes[0] += data.remaining();
            }
          });
      assertThat(sets[0]).isEqualTo(3);
      assertThat(bytes[0]).isGreaterThan(10_000_000);
      assertThat(walsender.query("IDENTIFY_SYSTEM")).hasSize(1);
    }
  }

  @Test
  void walStreamsBothWays() throws Exception {
    try (Connection walsender = Connection.open(settings().withReplication(true))) {
      Row system = walsender.query("IDENTIFY_SYSTEM").getFirst().onlyRow();
      connection.query("create table written(a int)");
      byte[] first = new byte[1];
      walsender.run(
          "START_REPLICATION PHYSICAL "
              + system.required("xlogpos")
              + " TIMELINE "
              + system.required("timeline"),
          new ResultListener() {
            @Override
            public void copyBoth(CopyChannel channel) throws IOException, PostgresException {
              ByteBuffer message = channel.receive();
              first[0] = message == null ? 0 : message.get(0);
            }
          });
      assertThat((char) first[0]).isIn('w', 'k');
      assertThat(walsender.query("IDENTIFY_SYSTEM")).hasSize(1);
    }
  }

  private static InputStream endless(String line) {
    byte[] bytes = line.getBytes(UTF_8);
    return new InputStream() {
      @Override
      public int read() {
        return bytes[0];
      }

      @Override
      public int read(byte[] target, int offset, int length) {
        System.arraycopy(bytes, 0, target, offset, bytes.length);
        return bytes.length;
      }
    };
  }
}
