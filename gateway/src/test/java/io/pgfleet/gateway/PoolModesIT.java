package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pool modes, for all and for single databases and users, and what pins a client. */
final class PoolModesIT {
  private static AppServer server;

  @BeforeAll
  static void startServer() {
    server = AppServer.create();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static Gateway gateway(PoolMode mode) throws Exception {
    return server.gateway(settings -> settings.withPoolSize(1, 1).withPoolMode(mode));
  }

  @Test
  void aBlockIsRefusedInStatementModeAndTheClientGoesOn() throws Exception {
    try (Gateway gateway = gateway(PoolMode.STATEMENT);
        RawClient client = RawClient.login(gateway.address())) {
      assertThat(client.query("BEGIN")).containsExactly("E:0A000", "ZI");
      assertThat(client.query("SELECT 1; START TRANSACTION")).containsExactly("E:0A000", "ZI");
      client.send(
          RawClient.parse("", "BEGIN"), RawClient.bind(""), RawClient.execute(), RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("E:0A000", "ZI");
      // several statements without a block are one request, as ever
      assertThat(client.query("SELECT 1; SELECT 2"))
          .containsExactly("T", "D:1", "C:SELECT 1", "T", "D:2", "C:SELECT 1", "ZI");
      client.send(
          RawClient.parse("", "SELECT 3"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("1", "2", "D:3", "C:SELECT 1", "ZI");
    }
  }

  @Test
  void aBlockInTheMidstOfAPipelineEndsTheConnectionInStatementMode() throws Exception {
    try (Gateway gateway = gateway(PoolMode.STATEMENT);
        RawClient client = RawClient.login(gateway.address())) {
      client.send(
          RawClient.parse("", "CREATE TABLE half_done (a int)"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.parse("", "BEGIN"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.sync());
      RawClient.Message message = client.read();
      while (message.type() != 'E') {
        message = client.read();
      }
      assertThat(message.report().sqlState()).isEqualTo("0A000");
      assertThat(client.atEnd()).isTrue();
      try (RawClient other = RawClient.login(gateway.address())) {
        assertThat(other.query("SELECT to_regclass('half_done')")).contains("D:null");
      }
    }
  }

  @Test
  void aBlockOpenedByATextTooLongToReadBeforeIsRefusedToo() throws Exception {
    try (Gateway gateway = gateway(PoolMode.STATEMENT);
        RawClient client = RawClient.login(gateway.address())) {
      client.send(RawClient.message('Q', "/*" + "x".repeat(40_000) + "*/ BEGIN\0"));
      RawClient.Message message = client.read();
      while (message.type() != 'E') {
        message = client.read();
      }
      assertThat(message.report().sqlState()).isEqualTo("0A000");
    }
  }

  @Test
  void inSessionModeAClientKeepsItsServer() throws Exception {
    try (Gateway gateway = gateway(PoolMode.SESSION);
        RawClient client = RawClient.login(gateway.address())) {
      client.query("SET work_mem = '7MB'");
      assertThat(client.query("SHOW work_mem")).contains("D:7MB");
      assertThat(gateway.status().clientsActive()).isEqualTo(1);
    }
  }

  @Test
  void aDatabaseAndAUserMayHaveModesOfTheirOwnAndTheUsersCounts() throws Exception {
    server.postgres().sql("CREATE ROLE statement_user LOGIN PASSWORD 'app'");
    PoolRules rules =
        new PoolRules(
            PoolSettings.DEFAULTS,
            Map.of("app", PoolOverride.mode(PoolMode.SESSION)),
            Map.of("statement_user", PoolOverride.mode(PoolMode.STATEMENT)));
    try (Gateway gateway = server.gateway(settings -> settings.withPools(rules));
        RawClient session = RawClient.login(gateway.address());
        RawClient statement = new RawClient(gateway.address())) {
      session.query("SELECT 1");
      assertThat(gateway.status().clientsActive()).isEqualTo(1);
      statement.startup("statement_user", "app");
      statement.authenticate("app");
      assertThat(statement.query("BEGIN")).containsExactly("E:0A000", "ZI");
    }
  }

  private static void pinsFor(String pin, String unpin, String reason) throws Exception {
    try (Gateway gateway = gateway(PoolMode.TRANSACTION);
        RawClient client = RawClient.login(gateway.address());
        RawClient other = RawClient.login(gateway.address())) {
      client.query(pin);
      assertThat(gateway.status().pinned())
          .extracting(GatewayStatus.PinnedClient::reason)
          .containsExactly(reason);
      assertThat(client.query(unpin)).endsWith("ZI");
      // the only server is free again
      assertThat(other.query("SELECT 1")).contains("D:1");
      assertThat(gateway.status().pinned()).isEmpty();
      assertThat(client.query("SELECT 2")).contains("D:2");
    }
  }

  @Test
  void anAdvisoryLockPinsUntilTheLastIsReleased() throws Exception {
    pinsFor("SELECT pg_advisory_lock(1)", "SELECT pg_advisory_unlock(1)", "session advisory lock");
    pinsFor(
        "SELECT pg_advisory_lock(1), pg_advisory_lock(2)",
        "SELECT pg_advisory_unlock_all()",
        "session advisory lock");
  }

  @Test
  void aTemporaryTablePinsUntilItIsDropped() throws Exception {
    pinsFor("CREATE TEMP TABLE scratch (a int)", "DROP TABLE scratch", "temporary table");
    pinsFor("CREATE TEMP TABLE scratch (a int)", "DISCARD TEMP", "temporary table");
  }

  @Test
  void aHeldCursorPinsUntilItIsClosed() throws Exception {
    pinsFor("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "CLOSE c", "cursor WITH HOLD");
    pinsFor("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "CLOSE ALL", "cursor WITH HOLD");
  }

  @Test
  void aPreparedStatementOfSqlPinsUntilItIsDeallocated() throws Exception {
    pinsFor("PREPARE p AS SELECT 1", "DEALLOCATE p", "PREPARE in SQL");
    pinsFor("PREPARE p AS SELECT 1", "DEALLOCATE ALL", "PREPARE in SQL");
  }

  @Test
  void aPinHoldsWhileAnythingIsLeft() throws Exception {
    try (Gateway gateway = gateway(PoolMode.TRANSACTION);
        RawClient client = RawClient.login(gateway.address())) {
      client.query("SELECT pg_advisory_lock(1), pg_advisory_lock(2)");
      client.query("SELECT pg_advisory_unlock(1)");
      assertThat(client.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
          .contains("D:1");
      assertThat(gateway.status().pinned()).hasSize(1);
      client.query("SELECT pg_advisory_unlock(2)");
      client.query("SELECT 1");
      assertThat(gateway.status().pinned()).isEmpty();
    }
  }

  @Test
  void anAbandonedTransactionIsRolledBackAndItsServerUsedAgain() throws Exception {
    server.postgres().sql("SELECT 1");
    try (Gateway gateway = gateway(PoolMode.TRANSACTION)) {
      try (RawClient leaver = RawClient.login(gateway.address())) {
        leaver.query("CREATE TABLE IF NOT EXISTS abandoned (a int)");
        leaver.query("BEGIN; INSERT INTO abandoned VALUES (1)");
      }
      try (RawClient next = RawClient.login(gateway.address())) {
        assertThat(next.query("SELECT count(*) FROM abandoned")).contains("D:0");
      }
      assertThat(gateway.status().totals().serverConnections()).isEqualTo(1);
    }
  }

  @Test
  void aServersOwnListenNeverTellsAnotherClient() throws Exception {
    try (Gateway gateway = gateway(PoolMode.TRANSACTION);
        RawClient hidden = RawClient.login(gateway.address());
        RawClient other = RawClient.login(gateway.address())) {
      hidden.query("DO $$ BEGIN EXECUTE 'LISTEN hidden'; END $$");
      assertThat(other.query("NOTIFY hidden, 'not for you'")).containsExactly("C:NOTIFY", "ZI");
      assertThat(other.query("SELECT 1")).containsExactly("T", "D:1", "C:SELECT 1", "ZI");
    }
  }

  @Test
  void aClientThatPreparesWithoutEndIsStoppedWithAClearError() throws Exception {
    try (Gateway gateway = gateway(PoolMode.TRANSACTION);
        RawClient client = RawClient.login(gateway.address())) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              for (int i = 0; i <= 65_536; i++) {
                client.send(RawClient.parse("s" + i, "SELECT 1"));
              }
            } catch (java.io.IOException e) {
              // closed on it, as it should be
            }
          });
      RawClient.Message message = client.read();
      while (message.type() != 'E') {
        message = client.read();
      }
      assertThat(message.report().sqlState()).isEqualTo("54000");
    }
  }
}
