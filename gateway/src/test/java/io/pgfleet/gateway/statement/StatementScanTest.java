package io.pgfleet.gateway.statement;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StatementScanTest {
  private final StatementScan scan = new StatementScan();

  private int flags(String sql) {
    byte[] bytes = sql.getBytes(StandardCharsets.UTF_8);
    return scan.scan(ByteBuffer.wrap(bytes), 0, bytes.length, TrackedNames.USUAL);
  }

  /** Only those that are of the session and the transaction. */
  private int sessionFlags(String sql) {
    return flags(sql) & (ReadScan.READS - 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT temp FROM weather",
        "SELECT 'LISTEN x'; SELECT $$ ; LISTEN y $$",
        "SELECT $tag$ $$ ; SET work_mem = 1; $tag$",
        "SELECT E'\\'; LISTEN z; --'",
        "SELECT \"; LISTEN \"\" z\"",
        "-- LISTEN\nSELECT 1 /* ; LISTEN /* x */ ; SET a = 1 */",
        "SET LOCAL work_mem = 1",
        "SET TRANSACTION READ ONLY",
        "SET TIME ZONE 'UTC'",
        "SET NAMES 'UTF8'",
        "set session application_name to 'x'",
        "SELECT pg_advisory_xact_lock(1)",
        "SELECT set_config('search_path', f('a', 'b'), true)",
        "CREATE TEMP TABLE t (a int) ON COMMIT DROP",
        "DECLARE c CURSOR WITHOUT HOLD FOR SELECT 1",
        "PREPARE TRANSACTION 'x'",
        "UPDATE t SET listen = $1 WHERE a = $2",
        "SELECT a$b$c; SELECT 1",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = pg_catalog, pg_temp AS ''",
        "RESET ALL",
      })
  void leavesNothingOnTheServer(String sql) {
    assertThat(StatementScan.reasons(flags(sql))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen news | LISTEN",
        "SELECT 1; /* x */ LISTEN \"y\" | LISTEN",
        "CREATE TEMP TABLE t (a int) | temporary table",
        "create or replace temporary view v as select 1 | temporary table",
        "CREATE GLOBAL TEMPORARY TABLE t (a int) | temporary table",
        "SELECT * INTO TEMP t FROM x | temporary table",
        "CREATE TABLE pg_temp.t (a int) | temporary table",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1 | cursor WITH HOLD",
        "SELECT pg_catalog.pg_try_advisory_lock(1) | session advisory lock",
        "PREPARE p AS SELECT 1 | PREPARE in SQL",
        "SET work_mem = '1MB' | SET of a parameter that the server does not report",
        "SET SESSION AUTHORIZATION x | SET of a parameter that the server does not report",
        "SET ROLE x | SET of a parameter that the server does not report",
        "SET my.setting = 1 | SET of a parameter that the server does not report",
        "SELECT set_config('a.b', 'true', false) | SET of a parameter that the server does not report",
        "SELECT set_config($1, $2, $3) | SET of a parameter that the server does not report",
        "LOAD 'x' | LOAD",
      })
  void tiesTheClientToTheServer(String sql, String reason) {
    assertThat(StatementScan.reasons(flags(sql))).isEqualTo(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET synchronous_commit = off",
        "set local synchronous_commit to 'local'",
        "SET SESSION \"synchronous_commit\" TO remote_write",
        "SELECT 1; SET/**/synchronous_commit=OFF; SELECT 2",
        "SET synchronous_commit = 0",
        "SET synchronous_commit = E'o\\146f'",
        "SET synchronous_commit = $$off$$",
        "SET synchronous_commit = U&'off'",
        "SET synchronous_commit = \"off\"",
        "SELECT set_config('synchronous_commit', 'off', false)",
        "SELECT pg_catalog.set_config ( 'Synchronous_Commit'::text , 'local', true)",
        "SELECT set_config('work_mem', '1MB', true), set_config('synchronous_commit', 'off', true)",
        "SELECT set_config('synchronous_commit', $1, false)",
        "SELECT set_config('synchronous_commit', lower('ON'), false)",
        "SELECT set_config(setting_name => 'synchronous_commit', new_value => 'off', is_local => false)",
        "ALTER ROLE app SET synchronous_commit = off",
        "ALTER ROLE app IN DATABASE x SET synchronous_commit TO local",
        "ALTER DATABASE app SET synchronous_commit TO local",
        "ALTER SYSTEM SET synchronous_commit = off",
        "ALTER FUNCTION f() SET synchronous_commit = off",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET synchronous_commit = off AS ''",
      })
  void whatMakesCommitsWaitForLessIsSeen(String sql) {
    assertThat(flags(sql) & StatementScan.LOWERS_COMMIT).as(sql).isNotZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET synchronous_commit = on",
        "SET synchronous_commit TO 'remote_apply'",
        "SET LOCAL synchronous_commit = TRUE",
        "SET synchronous_commit = 1; SELECT 'off'",
        "SET synchronous_commit TO DEFAULT",
        "RESET synchronous_commit",
        "SHOW synchronous_commit",
        "SELECT set_config('synchronous_commit', 'on', false), 'off'",
        "SELECT set_config(setting_name => 'synchronous_commit', new_value => 'on', is_local => true)",
        "SELECT set_config('work_mem', 'off', false)",
        "SELECT current_setting('synchronous_commit'), 'off'",
        "UPDATE t SET synchronous_commit = 'off'",
        "SELECT 'SET synchronous_commit = off'",
        "-- SET synchronous_commit = off\nSELECT 1",
        "ALTER ROLE app SET work_mem = '1MB'",
        "ALTER TABLE t ALTER COLUMN synchronous_commit SET DEFAULT 'off'",
        "ALTER FUNCTION f() SET synchronous_commit FROM CURRENT",
      })
  void whatLeavesCommitsAsTheyAreIsNot(String sql) {
    assertThat(flags(sql) & StatementScan.LOWERS_COMMIT).as(sql).isZero();
  }

  @Test
  void transactionStatementsAreKnown() {
    assertThat(sessionFlags("BEGIN; SELECT 1"))
        .isEqualTo(StatementScan.FIRST_BEGINS | StatementScan.BEGINS | StatementScan.SEVERAL);
    assertThat(sessionFlags("start transaction"))
        .isEqualTo(StatementScan.FIRST_BEGINS | StatementScan.BEGINS);
    assertThat(sessionFlags("SELECT 1; BEGIN"))
        .isEqualTo(StatementScan.BEGINS | StatementScan.SEVERAL);
    assertThat(sessionFlags("SAVEPOINT s")).isEqualTo(StatementScan.SAVES);
    assertThat(sessionFlags("COMMIT")).isEqualTo(StatementScan.FIRST_COMMITS | StatementScan.ENDS);
    assertThat(sessionFlags(" END;")).isEqualTo(StatementScan.FIRST_COMMITS | StatementScan.ENDS);
    assertThat(sessionFlags("ABORT"))
        .isEqualTo(StatementScan.FIRST_ROLLS_BACK | StatementScan.ENDS);
    assertThat(sessionFlags("ROLLBACK TO SAVEPOINT s")).isZero();
    assertThat(sessionFlags("ROLLBACK WORK TO s")).isZero();
    assertThat(sessionFlags("COMMIT AND CHAIN")).isEqualTo(StatementScan.ENDS);
    assertThat(sessionFlags("COMMIT AND NO CHAIN"))
        .isEqualTo(StatementScan.FIRST_COMMITS | StatementScan.ENDS);
    assertThat(sessionFlags("SELECT 1; COMMIT"))
        .isEqualTo(StatementScan.ENDS | StatementScan.SEVERAL);
    assertThat(sessionFlags("PREPARE TRANSACTION 'x'")).isEqualTo(StatementScan.ENDS);
    assertThat(sessionFlags("")).isEqualTo(StatementScan.EMPTY);
    assertThat(sessionFlags(" ; -- nothing")).isEqualTo(StatementScan.EMPTY);
    assertThat(sessionFlags("DISCARD ALL"))
        .isEqualTo(StatementScan.FORGETS | StatementScan.MAY_UNPIN);
    assertThat(sessionFlags("DEALLOCATE PREPARE ALL"))
        .isEqualTo(StatementScan.FORGETS | StatementScan.MAY_UNPIN);
    assertThat(sessionFlags("DEALLOCATE s"))
        .isEqualTo(StatementScan.DEALLOCATES | StatementScan.MAY_UNPIN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DROP TABLE t",
        "CLOSE ALL",
        "CLOSE c",
        "DISCARD TEMP",
        "SELECT pg_advisory_unlock(1)",
        "SELECT pg_catalog.pg_advisory_unlock_all()",
      })
  void whatMayEndAPinIsSeen(String sql) {
    assertThat(sessionFlags(sql)).isEqualTo(StatementScan.MAY_UNPIN);
  }

  @Test
  void textInPiecesIsReadAsInOne() {
    List<String> texts =
        List.of(
            "SELECT $a$ ; LISTEN $b$ $a$; SET work_mem = E'\\'1'; /* /* */ */ COMMIT",
            "SET synchronous_commit = 'off'; SELECT set_config('synchronous_commit', 'on', true)",
            "CREATE TEMP TABLE t ON COMMIT DROP; SELECT set_config('a', 'b', true) -- x");
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int whole = flags(text);
      for (int cut = 0; cut <= bytes.length; cut++) {
        scan.begin(TrackedNames.USUAL);
        scan.feed(ByteBuffer.wrap(bytes), 0, cut);
        scan.feed(ByteBuffer.wrap(bytes), cut, bytes.length);
        assertThat(scan.finish()).as("cut at %d", cut).isEqualTo(whole);
      }
    }
  }

  @Test
  void anyBytesAreRead() {
    Random random = new Random(99);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      int flags = scan.scan(ByteBuffer.wrap(bytes), 0, bytes.length, TrackedNames.USUAL);
      assertThat(flags).isBetween(0, (1 << 29) - 1);
    }
  }
}
