package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.testkit.FreePorts;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client sees when its server goes away in each phase of its work. */
final class FailoverIT {
  private static AppServer first;
  private static AppServer second;
  private MovablePrimary primary;
  private Gateway gateway;

  @BeforeAll
  static void startServers() throws Exception {
    first = AppServer.withTable();
    second = AppServer.withTable();
  }

  @BeforeEach
  void start() throws Exception {
    primary = new MovablePrimary(first.primary(1));
    gateway =
        AppServer.gateway(
            settings ->
                settings
                    .withPoolSize(3, 1)
                    .withTimeouts(
                        Duration.ofSeconds(15), Duration.ofSeconds(15), Duration.ofSeconds(5)),
            primary);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @AfterAll
  static void stopServers() throws Exception {
    for (AppServer server : new AppServer[] {first, second}) {
      if (server != null) {
        server.close();
      }
    }
  }

  private RawClient client() throws Exception {
    return RawClient.login(gateway.address());
  }

  /** Ends every backend of the application on the first server, as an administrator may. */
  private void killBackends() throws Exception {
    try (Connection connection = first.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
      boolean gone = false;
      while (!gone) {
        try (var rows =
            statement.executeQuery("SELECT 1 FROM pg_stat_activity WHERE usename = 'app'")) {
          gone = !rows.next();
        }
      }
    }
    while (gateway.status().pools().stream().anyMatch(pool -> pool.active() + pool.idle() > 0)) {
      Thread.sleep(5);
    }
  }

  /** Waits till some backend of the application is active in a statement that matches. */
  private static void awaitActive(String like) throws Exception {
    try (Connection connection = first.connect("postgres");
        Statement statement = connection.createStatement()) {
      boolean found = false;
      while (!found) {
        try (var rows =
            statement.executeQuery(
                "SELECT 1 FROM pg_stat_activity WHERE usename = 'app' AND state = 'active'"
                    + " AND query LIKE '"
                    + like
                    + "'")) {
          found = rows.next();
        }
      }
    }
  }

  @Test
  void anIdleClientSeesNothingOfIt() throws Exception {
    try (RawClient client = client()) {
      client.query("SELECT 1");
      killBackends();
      assertThat(client.query("SELECT 2")).contains("D:2");
    }
  }

  @Test
  void aTransactionThatIsLostFailsOnceAndNothingOfItRunsAfterwards() throws Exception {
    try (RawClient client = client()) {
      client.query("BEGIN");
      client.query("INSERT INTO t VALUES (1)");
      killBackends();
      assertThat(client.query("INSERT INTO t VALUES (2)")).containsExactly("E:57P01", "ZE");
      assertThat(client.query("INSERT INTO t VALUES (3)")).containsExactly("E:25P02", "ZE");
      client.send(
          RawClient.parse("", "INSERT INTO t VALUES (4)"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("E:25P02", "ZE");
      assertThat(client.query("ROLLBACK")).containsExactly("C:ROLLBACK", "ZI");
      assertThat(client.query("SELECT count(*) FROM t")).contains("D:0");
    }
  }

  @Test
  void aCommitOfALostTransactionFails() throws Exception {
    try (RawClient client = client()) {
      client.query("BEGIN");
      killBackends();
      assertThat(client.query("COMMIT")).containsExactly("E:57P01", "ZI");
      client.query("BEGIN");
      killBackends();
      assertThat(client.query("SELECT 1")).containsExactly("E:57P01", "ZE");
      assertThat(client.query("COMMIT")).containsExactly("C:ROLLBACK", "ZI");
      client.query("BEGIN");
      killBackends();
      client.send(
          RawClient.parse("", "ROLLBACK"),
          RawClient.bind(""),
          RawClient.message('D', "P\0"),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("1", "2", "n", "C:ROLLBACK", "ZI");
      assertThat(client.query("SELECT 1")).contains("D:1");
    }
  }

  @Test
  void aStatementOfItsOwnThatIsCutOffIsReportedAsUnknown() throws Exception {
    try (RawClient client = client()) {
      client.send(Messages.query("SELECT pg_sleep(30), 'unknown'"));
      awaitActive("%pg_sleep(30), ''unknown''%");
      killBackends();
      assertThat(client.untilReady(1)).endsWith("E:08006", "ZI");
      assertThat(client.query("SELECT 1")).contains("D:1");
    }
  }

  @Test
  void aStatementCutOffInsideATransactionIsCertainlyRolledBack() throws Exception {
    try (RawClient client = client()) {
      client.send(
          RawClient.parse("", "BEGIN"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.parse("", "SELECT pg_sleep(30), 'block'"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      awaitActive("%pg_sleep(30), ''block''%");
      killBackends();
      List<String> answers = client.untilReady(1);
      assertThat(answers.subList(answers.size() - 2, answers.size()))
          .containsExactly("E:57P01", "ZE");
      assertThat(client.query("ROLLBACK")).containsExactly("C:ROLLBACK", "ZI");
    }
  }

  @Test
  void copyDataOfALostCopyIsIgnored() throws Exception {
    try (RawClient client = client()) {
      client.send(Messages.query("COPY t FROM STDIN"), RawClient.message('d', "1\n"));
      assertThat(client.read().type()).isEqualTo('G');
      awaitActive("COPY t%");
      killBackends();
      client.send(RawClient.message('d', "2\n"), RawClient.message('c', ""));
      assertThat(client.untilReady(1)).containsExactly("E:08006", "ZI");
      assertThat(client.query("SELECT count(*) FROM t")).contains("D:0");
    }
  }

  @Test
  void aPinnedClientIsClosedSinceItsSessionIsLost() throws Exception {
    try (RawClient client = client()) {
      client.query("CREATE TEMP TABLE scratch (a int)");
      killBackends();
      assertThat(client.read().report().sqlState()).isEqualTo("57P01");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void aPinnedClientNeverWritesToAFormerPrimary() throws Exception {
    try (RawClient client = client()) {
      client.query("CREATE TEMP TABLE scratch (a int)");
      primary.away();
      client.send(Messages.query("INSERT INTO t VALUES (1)"));
      Thread.sleep(100);
      primary.move(second.primary(2));
      assertThat(client.read().report().sqlState()).isEqualTo("57P01");
    }
    try (Connection connection = first.connect("app");
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM t")) {
      rows.next();
      assertThat(rows.getInt(1)).isZero();
    }
  }

  @Test
  void theSamePipelineGoesOnAfterALoss() throws Exception {
    try (RawClient client = client()) {
      client.send(
          RawClient.parse("s", "SELECT pg_sleep(30), 'pipe'"),
          RawClient.bind("s"),
          RawClient.execute(),
          RawClient.sync(),
          Messages.query("SELECT 7"));
      awaitActive("%pg_sleep(30), ''pipe''%");
      client.send(RawClient.parse("u", "SELECT 8"), RawClient.bind("u"));
      killBackends();
      List<String> answers = client.untilReady(2);
      assertThat(answers.getLast()).isEqualTo("ZI");
      assertThat(answers).contains("E:08006");
      client.send(RawClient.execute(), RawClient.sync());
      assertThat(client.untilReady(1)).endsWith("ZI");
      assertThat(client.query("SELECT 9")).contains("D:9");
    }
  }

  @Test
  void clientsGoOnOnTheNewPrimaryWithoutConnectingAgain() throws Exception {
    try (RawClient idle = client();
        RawClient busy = client()) {
      idle.query("SET TimeZone = 'Asia/Tokyo'");
      idle.send(RawClient.parse("port", "SHOW port"), RawClient.sync());
      idle.untilReady(1);
      busy.query("BEGIN");
      primary.away();
      idle.send(RawClient.bind("port"), RawClient.execute(), RawClient.sync());
      // what has begun may end where it is
      assertThat(busy.query("SHOW port")).contains("D:" + first.port());
      busy.query("COMMIT");
      assertThat(gateway.status().held()).isTrue();
      primary.move(second.primary(2));
      assertThat(idle.untilReady(1)).contains("D:" + second.port());
      assertThat(busy.query("SHOW port")).contains("D:" + second.port());
      assertThat(idle.query("SHOW TimeZone")).contains("D:Asia/Tokyo");
    }
  }

  @Test
  void aPrimaryThatCannotBeReachedIsWaitedFor() throws Exception {
    try (RawClient client = client()) {
      client.query("SELECT 1");
      primary.move(new Primary("nowhere", "127.0.0.1", FreePorts.one(), 2));
      client.send(Messages.query("SHOW port"));
      while (gateway.status().clientsWaiting() != 1) {
        Thread.sleep(20);
      }
      primary.move(second.primary(3));
      assertThat(client.untilReady(1)).contains("D:" + second.port());
    }
  }

  @Test
  void aPauseDrainsAndHoldsAndAResumeGoesOn() throws Exception {
    try (RawClient running = client();
        RawClient held = client();
        RawClient pinned = client()) {
      pinned.query("LISTEN x");
      running.query("BEGIN");
      Thread commit =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  Thread.sleep(200);
                  running.query("COMMIT");
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(gateway.pause()).isTrue();
      commit.join();
      held.send(Messages.query("SELECT 'held'"));
      pinned.send(Messages.query("SELECT 'pinned'"));
      while (gateway.status().clientsWaiting() != 2) {
        Thread.sleep(20);
      }
      gateway.resume();
      assertThat(held.untilReady(1)).contains("D:held");
      assertThat(pinned.untilReady(1)).contains("D:pinned");
    }
  }

  @Test
  void aFastShutdownOfTheServerIsHeldThrough() throws Exception {
    try (RawClient client = client()) {
      client.query("SELECT 1");
      first.stop(StopMode.FAST);
      client.send(Messages.query("SELECT 'back'"));
      first.start();
      assertThat(client.untilReady(1)).contains("D:back");
    }
  }
}
