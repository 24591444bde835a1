package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.message.Messages;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Messages in every order that the protocol allows, against a direct connection's answers. */
final class PipelineIT {
  private static AppServer server;
  private static Gateway gateway;

  @BeforeAll
  static void start() throws Exception {
    server = AppServer.create();
    gateway = server.gateway(settings -> settings.withPoolSize(2, 1));
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

  private static RawClient direct() throws Exception {
    return RawClient.login(server.address());
  }

  private static RawClient through() throws Exception {
    return RawClient.login(gateway.address());
  }

  private static byte[] joined(byte[]... messages) {
    var all = new ByteArrayOutputStream();
    for (byte[] message : messages) {
      all.writeBytes(message);
    }
    return all.toByteArray();
  }

  /** Sends the same to both and compares. */
  private static List<String> same(int readies, byte[]... messages) throws Exception {
    try (RawClient direct = direct();
        RawClient through = through()) {
      direct.send(messages);
      through.send(messages);
      List<String> expected = direct.untilReady(readies);
      assertThat(through.untilReady(readies)).isEqualTo(expected);
      // and it is still in step
      assertThat(through.query("SELECT 42")).contains("D:42", "ZI");
      return expected;
    }
  }

  @Test
  void severalSyncsInFlightAreAnsweredInOrder() throws Exception {
    List<byte[]> messages = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      messages.add(RawClient.parse("s" + i, "SELECT " + i % 50));
      messages.add(RawClient.bind("s" + i));
      messages.add(RawClient.execute());
      messages.add(RawClient.sync());
    }
    same(200, messages.toArray(byte[][]::new));
  }

  @Test
  void anErrorSkipsToTheSyncAndForgetsWhatWasSkipped() throws Exception {
    same(
        4,
        RawClient.parse("a", "SELECT 1"),
        RawClient.parse("bad", "SELEKT"),
        RawClient.parse("b", "SELECT 2"),
        RawClient.bind("b"),
        RawClient.execute(),
        Messages.query("SELECT 'skipped too'"),
        RawClient.sync(),
        RawClient.bind("a"),
        RawClient.execute(),
        RawClient.sync(),
        RawClient.bind("b"),
        RawClient.execute(),
        RawClient.sync(),
        RawClient.parse("b", "SELECT 3"),
        RawClient.bind("b"),
        RawClient.execute(),
        RawClient.sync());
  }

  @Test
  void anUnnamedPortalLastsBeyondItsSyncInABlock() throws Exception {
    same(
        4,
        Messages.query("BEGIN"),
        RawClient.parse("", "SELECT generate_series(1, 3)"),
        RawClient.bind(""),
        RawClient.message('E', "\0\0\0\0\1"),
        RawClient.sync(),
        RawClient.message('D', "P\0"),
        RawClient.message('E', "\0\0\0\0\1"),
        RawClient.sync(),
        Messages.query("COMMIT"));
  }

  /** A server that is asked for it directly crashes, so there is nothing to compare with. */
  @Test
  void thePortalOfAFailedQueryIsNotExecuted() throws Exception {
    List<byte[]> reaches =
        List.of(
            RawClient.execute(),
            RawClient.message('D', "P\0"),
            joined(RawClient.bind("none"), RawClient.sync(), RawClient.execute()));
    for (byte[] reach : reaches) {
      try (RawClient other = through();
          RawClient client = through()) {
        other.query("BEGIN");
        client.query("BEGIN");
        assertThat(client.query("DISCARD ALL")).contains("E:25001");
        assertThat(client.query("SELECT 1; SELECT 1/0")).contains("E:25P02");
        client.send(reach, RawClient.sync());
        List<String> answers = client.untilReady(reach.length > 20 ? 2 : 1);
        assertThat(answers).containsSubsequence("E:34000", "ZE");
        assertThat(client.query("ROLLBACK")).contains("ZI");
        // no server process was lost
        assertThat(other.query("SELECT 42")).contains("D:42", "ZT");
      }
    }
  }

  @Test
  void whatComesBetweenAnErrorThatWasToldAndTheSyncIsIgnored() throws Exception {
    try (RawClient direct = direct();
        RawClient through = through()) {
      for (RawClient client : List.of(direct, through)) {
        client.send(RawClient.parse("late", "SELEKT"), RawClient.flush());
        assertThat(client.read().brief()).isEqualTo("E:42601");
        client.send(
            RawClient.parse("late", "SELECT 1"),
            RawClient.bind("late"),
            RawClient.execute(),
            Messages.query("SELECT 'ignored'"),
            RawClient.sync(),
            RawClient.bind("late"),
            RawClient.sync());
      }
      List<String> expected = direct.untilReady(2);
      assertThat(expected).containsExactly("ZI", "E:26000", "ZI");
      assertThat(through.untilReady(2)).isEqualTo(expected);
      assertThat(through.query("SELECT 42")).contains("D:42", "ZI");
    }
  }

  @Test
  void aStatementInjectedInASegmentThatFailsIsPreparedAgainInTheNext() throws Exception {
    try (RawClient one = through();
        RawClient two = through()) {
      one.send(RawClient.parse("x", "SELECT 'x'"), RawClient.sync());
      one.untilReady(1);
      two.query("BEGIN");
      // the only other server has not seen the statement
      one.send(
          RawClient.parse("", "SELECT 1/0"),
          RawClient.bind(""),
          RawClient.execute(),
          RawClient.bind("x"),
          RawClient.execute(),
          RawClient.sync(),
          RawClient.bind("x"),
          RawClient.execute(),
          RawClient.sync());
      assertThat(one.untilReady(2))
          .containsExactly("1", "E:22012", "ZI", "2", "D:x", "C:SELECT 1", "ZI");
      two.query("COMMIT");
    }
  }

  @Test
  void closeAndParseAgainAndParseTwice() throws Exception {
    List<String> answers =
        same(
            3,
            RawClient.parse("n", "SELECT 1"),
            RawClient.closeStatement("n"),
            RawClient.parse("n", "SELECT 'two'"),
            RawClient.describe("n"),
            RawClient.bind("n"),
            RawClient.execute(),
            RawClient.sync(),
            RawClient.parse("n", "SELECT 3"),
            RawClient.sync(),
            RawClient.closeStatement("unknown"),
            RawClient.bind("unknown"),
            RawClient.sync());
    assertThat(answers).contains("E:42P05", "E:26000");
  }

  @Test
  void theUnnamedStatementSurvivesOnAnotherServer() throws Exception {
    try (RawClient one = through();
        RawClient two = through();
        RawClient three = through()) {
      one.send(RawClient.parse("", "SELECT 'mine'"), RawClient.sync());
      assertThat(one.untilReady(1)).containsExactly("1", "ZI");
      for (RawClient other : List.of(two, three)) {
        other.send(RawClient.parse("", "SELECT 'other'"), RawClient.sync());
        other.untilReady(1);
      }
      two.query("BEGIN");
      one.send(RawClient.bind(""), RawClient.execute(), RawClient.sync());
      assertThat(one.untilReady(1)).containsExactly("2", "D:mine", "C:SELECT 1", "ZI");
      two.query("COMMIT");
      three.query("BEGIN");
      one.send(RawClient.bind(""), RawClient.execute(), RawClient.sync());
      assertThat(one.untilReady(1)).containsExactly("2", "D:mine", "C:SELECT 1", "ZI");
      one.query("SELECT 1");
      one.send(RawClient.bind(""), RawClient.execute(), RawClient.sync());
      assertThat(one.untilReady(1)).containsExactly("E:26000", "ZI");
    }
  }

  @Test
  void flushIsAnsweredWithoutASync() throws Exception {
    try (RawClient client = through()) {
      client.send(RawClient.parse("f", "SELECT 1"), RawClient.flush());
      assertThat(client.read().brief()).isEqualTo("1");
      client.send(
          RawClient.closeStatement("f"), RawClient.parse("f", "SELECT 1"), RawClient.flush());
      assertThat(client.read().brief()).isEqualTo("3");
      assertThat(client.read().brief()).isEqualTo("1");
      client.send(RawClient.bind("f"), RawClient.execute(), RawClient.flush());
      assertThat(client.read().brief()).isEqualTo("2");
      assertThat(client.read().brief()).isEqualTo("D:1");
      client.send(RawClient.sync());
      assertThat(client.untilReady(1)).containsExactly("C:SELECT 1", "ZI");
    }
  }

  @Test
  void bytesMayComeInAnyPieces() throws Exception {
    byte[] conversation =
        joined(
            RawClient.parse("s", "SELECT 'split'"),
            RawClient.bind("s"),
            RawClient.execute(),
            RawClient.sync(),
            Messages.query("SELECT 2"),
            RawClient.describe("s"),
            RawClient.closeStatement("s"),
            RawClient.sync());
    for (int cut = 1; cut < conversation.length; cut++) {
      try (RawClient client = through()) {
        client.send(java.util.Arrays.copyOf(conversation, cut));
        if (cut % 8 == 0) {
          Thread.sleep(1);
        }
        client.send(java.util.Arrays.copyOfRange(conversation, cut, conversation.length));
        assertThat(client.untilReady(3))
            .as("cut at %d", cut)
            .containsExactly(
                "1",
                "2",
                "D:split",
                "C:SELECT 1",
                "ZI",
                "T",
                "D:2",
                "C:SELECT 1",
                "ZI",
                "t",
                "T",
                "3",
                "ZI");
      }
    }
  }

  @Test
  void copyInTheExtendedProtocolIgnoresSyncsTillItsEnd() throws Exception {
    try (RawClient admin = through()) {
      admin.query("CREATE TABLE taken (n int)");
    }
    byte[] data = RawClient.message('d', "1\n2\n");
    byte[] done = RawClient.message('c', "");
    same(
        1,
        RawClient.parse("", "COPY taken FROM STDIN"),
        RawClient.bind(""),
        RawClient.execute(),
        RawClient.sync(),
        data,
        done,
        RawClient.sync());
    same(1, Messages.query("COPY taken FROM STDIN"), data, done);
    same(1, Messages.query("COPY taken FROM STDIN"), RawClient.message('f', "no\0"));
    same(1, Messages.query("COPY missing FROM STDIN"), data, done);
    assertThat(gateway.status().clientsActive()).isZero();
  }

  @Test
  void deallocateInSqlReachesStatementsOfTheProtocol() throws Exception {
    List<String> answers =
        same(
            5,
            RawClient.parse("_pg3_0", "SELECT 1"),
            RawClient.parse("Up", "SELECT 2"),
            RawClient.sync(),
            Messages.query("DEALLOCATE \"_pg3_0\""),
            Messages.query("deallocate \"Up\";"),
            Messages.query("DEALLOCATE _pg3_0"),
            RawClient.bind("_pg3_0"),
            RawClient.sync());
    assertThat(answers)
        .containsExactly(
            "1",
            "1",
            "ZI",
            "C:DEALLOCATE",
            "ZI",
            "C:DEALLOCATE",
            "ZI",
            "E:26000",
            "ZI",
            "E:26000",
            "ZI");
  }

  @Test
  void deallocateInTheExtendedProtocolReachesStatementsOfTheProtocol() throws Exception {
    List<String> answers =
        same(
            6,
            RawClient.parse("_pg3_0", "SELECT 1"),
            RawClient.sync(),
            RawClient.parse("", "DEALLOCATE _pg3_0"),
            RawClient.bind(""),
            RawClient.execute(),
            RawClient.sync(),
            RawClient.bind("_pg3_0"),
            RawClient.sync(),
            RawClient.parse("_pg3_0", "SELECT 1"),
            RawClient.bind("_pg3_0"),
            RawClient.execute(),
            RawClient.sync(),
            RawClient.parse("", "DEALLOCATE ALL"),
            RawClient.bind(""),
            RawClient.execute(),
            RawClient.sync(),
            RawClient.bind("_pg3_0"),
            RawClient.sync());
    assertThat(answers)
        .containsExactly(
            "1",
            "ZI",
            "1",
            "2",
            "C:DEALLOCATE",
            "ZI",
            "E:26000",
            "ZI",
            "1",
            "2",
            "D:1",
            "C:SELECT 1",
            "ZI",
            "1",
            "2",
            "C:DEALLOCATE ALL",
            "ZI",
            "E:26000",
            "ZI");
  }

  @Test
  void errorsNameStatementsAsTheClientDoes() throws Exception {
    try (RawClient direct = direct();
        RawClient through = through()) {
      for (RawClient client : List.of(direct, through)) {
        client.send(
            RawClient.parse("mine", "SELECT $1::int"),
            RawClient.sync(),
            RawClient.parse("mine", "SELECT 2"),
            RawClient.sync(),
            RawClient.bind("mine"),
            RawClient.sync(),
            RawClient.bind(""),
            RawClient.sync());
      }
      for (int i = 0; i < 8; i++) {
        RawClient.Message expected = direct.read();
        RawClient.Message seen = through.read();
        while (seen.type() == 'S') {
          seen = through.read();
        }
        assertThat(seen.brief()).isEqualTo(expected.brief());
        if (expected.type() == 'E') {
          assertThat(seen.report().message()).isEqualTo(expected.report().message());
        }
      }
    }
  }

  @Test
  void aReadOnlyTransactionOfTheClientsCostsNoServer() throws Exception {
    try (RawClient through = through()) {
      through.query("CREATE TEMP TABLE pinned (n int)");
      String process = through.query("SELECT pg_backend_pid()").get(1);
      through.query("BEGIN READ ONLY");
      assertThat(through.query("CREATE TABLE refused (n int)")).contains("E:25006");
      through.query("ROLLBACK");
      assertThat(through.query("SELECT pg_backend_pid()").get(1)).isEqualTo(process);
    }
  }

  @Test
  void aFunctionCallIsAnswered() throws Exception {
    // int4abs, oid 1397, with one text argument
    byte[] call = RawClient.message('F', "\0\0\5\165" + "\0\0" + "\0\1" + "\0\0\0\2-5" + "\0\0");
    assertThat(same(1, call)).containsExactly("V", "ZI");
  }

  @Test
  void statementsRunDirectAndThroughTheGatewayGiveTheSame() throws Exception {
    List<String> statements =
        List.of(
            "SELECT 1, 'a', NULL",
            "",
            ";",
            "SELECT 1; SELECT 2; SELECT 3",
            "SELECT 1; SELECT 1/0; SELECT 3",
            "BEGIN",
            "CREATE TABLE parity (n int PRIMARY KEY)",
            "INSERT INTO parity SELECT generate_series(1, 3)",
            "SAVEPOINT s",
            "INSERT INTO parity VALUES (1)",
            "SELECT 'failed'",
            "ROLLBACK TO s",
            "SELECT * FROM parity",
            "DECLARE c CURSOR FOR SELECT * FROM parity",
            "FETCH 2 FROM c",
            "ROLLBACK",
            "COMMIT",
            "SET TimeZone = 'Europe/Berlin'",
            "SHOW TimeZone",
            "SET client_encoding = 'LATIN1'",
            "SELECT 'x'",
            "SET client_encoding = 'NONE'",
            "RESET client_encoding",
            "SELECT set_config('application_name', 'q''uo\\te', false)",
            "SHOW application_name",
            "SELECT $$ ; LISTEN x; $$, $a$ $$ $a$, E'\\'', '--'",
            "/* /* nested */ ; */ SELECT 5 -- end",
            "DO $$ BEGIN RAISE NOTICE 'hello'; END $$",
            "SELECT current_setting('is_superuser')",
            "START TRANSACTION READ ONLY",
            "CREATE TABLE refused (n int)",
            "ABORT");
    try (RawClient direct = direct();
        RawClient through = through()) {
      List<List<String>> expected = new ArrayList<>();
      List<Map<String, String>> parameters = new ArrayList<>();
      for (String sql : statements) {
        expected.add(direct.query(sql));
        parameters.add(new TreeMap<>(direct.parameters));
      }
      for (int i = 0; i < statements.size(); i++) {
        String sql = statements.get(i);
        assertThat(through.query(sql)).as(sql).isEqualTo(expected.get(i));
        assertThat(new TreeMap<>(through.parameters)).as(sql).isEqualTo(parameters.get(i));
      }
    }
  }
}
