package io.pgfleet.gateway.statement;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadScanTest {
  private final StatementScan scan = new StatementScan();

  private int flags(String sql) {
    byte[] bytes = sql.getBytes(StandardCharsets.UTF_8);
    return scan.scan(ByteBuffer.wrap(bytes), 0, bytes.length, TrackedNames.USUAL);
  }

  private boolean has(int flag, String sql) {
    return (flags(sql) & flag) != 0;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ";",
        "SELECT 1",
        "select * from t",
        "  -- comment\n SELECT 1; /* another */ SELECT 2;",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "VALUES (1), (2)",
        "TABLE t",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "WITH RECURSIVE a(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM a), b(m) AS (SELECT 1)"
            + " SELECT * FROM a, b",
        "WITH a AS NOT MATERIALIZED (SELECT 1) SELECT * FROM a",
        "SELECT 'UPDATE t' AS \"delete\", $$INSERT INTO$$, $x$ DELETE $x$",
        "SELECT /* INSERT */ 1 -- DELETE",
        "SELECT E'it\\'s INTO' FROM t",
        "SELECT a FROM t WHERE a IN (1, 2) AND (b OR NOT (c)) AND EXISTS (SELECT 1)",
        "SELECT x::numeric(10,2), CAST(y AS varchar(20)), z::timestamp(3) FROM t",
        "SELECT v.a FROM (VALUES (1, 2)) AS v(a, b) JOIN (SELECT 1) w(c) USING (c)",
        "SELECT 1 FROM t GROUP BY GROUPING SETS ((a), (b)), CUBE (a, b), ROLLUP (c)",
        "SELECT CASE WHEN (a) THEN (b) ELSE (c) END FROM t ORDER BY (a) LIMIT (1)",
        "SELECT a[1:2], b -> 'x' ->> 'y', -a, - - 1 FROM t",
        "EXPLAIN SELECT 1",
        "EXPLAIN (COSTS OFF, VERBOSE) SELECT 1",
        "EXPLAIN VERBOSE WITH a AS (SELECT 1) SELECT * FROM a",
        "COPY t TO STDOUT",
        "COPY t (a, b) TO STDOUT WITH (FORMAT csv)",
        "COPY (SELECT a FROM t) TO STDOUT",
        "SELECT * FROM pg_catalog.pgclassics",
        "SELECT extract(year FROM d), substring(x FROM 1 FOR 2), position('a' IN b) FROM t",
        "SELECT t.updated, t.inserted, share, no, key FROM t",
        "SELECT interval '1 day', date '2020-01-01', x'ff', b'1' FROM t",
      })
  void theseRead(String sql) {
    assertThat(has(ReadScan.READS, sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
        "TRUNCATE t",
        "SELECT 1; DELETE FROM t",
        "WITH a AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM a",
        "WITH a AS (SELECT 1) DELETE FROM t",
        "with a as (select 1) update t set a = 1",
        "SELECT * INTO n FROM t",
        "SELECT * FROM t FOR UPDATE",
        "SELECT * FROM t FOR NO KEY UPDATE",
        "SELECT * FROM t FOR /* x */ SHARE",
        "SELECT * FROM t FOR KEY SHARE",
        "SELECT (SELECT 1 FROM t FOR\nSHARE)",
        "EXPLAIN ANALYZE SELECT 1",
        "EXPLAIN (ANALYZE) SELECT 1",
        "EXPLAIN INSERT INTO t VALUES (1)",
        "EXPLAIN EXECUTE x",
        "EXPLAIN CREATE TABLE t AS SELECT 1",
        "COPY t FROM STDIN",
        "COPY t TO PROGRAM 'x'",
        "COPY t TO '/tmp/x'",
        "COPY (DELETE FROM t RETURNING *) TO STDOUT",
        "CREATE TABLE t AS SELECT 1",
        "DO $$ BEGIN END $$",
        "CALL p()",
        "EXECUTE x",
        "PREPARE x AS SELECT 1",
        "DECLARE c CURSOR FOR SELECT 1",
        "FETCH 1 FROM c",
        "LOCK t",
        "NOTIFY x",
        "LISTEN x",
        "VACUUM",
        "SET a = 1",
        "SHOW port",
        "BEGIN",
        "COMMIT",
        "SELECT * FROM pg_stat_activity",
        "SELECT count(*) FROM pg_catalog.pg_locks",
        "SELECT relname FROM \"pg_class\"",
        "SELECT 1 OPERATOR(pg_catalog.+) f(x)",
        "'SELECT'",
        "\"select\" 1",
        "1 SELECT",
      })
  void theseDoNotOrItIsNotCertain(String sql) {
    assertThat(has(ReadScan.READS, sql)).isFalse();
  }

  private Set<Long> calls(String sql) {
    flags(sql);
    return LongStream.of(scan.reads().calls()).boxed().collect(Collectors.toSet());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT f(1) | f",
        "SELECT F (1), s.g(2), \"s\".\"H\"(3) | f,g,H",
        "SELECT DISTINCT ON (a) f(b) FROM t | f",
        "SELECT a FROM f(1) AS x(a int) | f",
        "SELECT a FROM f(1) x(a) | f",
        "SELECT f(a) FILTER (WHERE g(b)) OVER (PARTITION BY (h(c))) FROM t | f,g,h",
        "SELECT a FROM t WHERE (a) AND f(b) BETWEEN (1) AND g(2) | f,g",
        "WITH f(a) AS (SELECT g(1)) SELECT h(2) FROM f | g,h",
        "SELECT x::f(3), CAST(y AS g(4)) FROM t | ''",
        "SELECT pg_sleep(1), pg_catalog.lower('X') | pg_sleep,lower",
        "SELECT a[f(1):g(2)] FROM t | f,g",
        "SELECT -f(1) + +g(2) | f,g",
        "SELECT count(*), coalesce(f(1), greatest(2, 3)) | count,f",
        "COPY (SELECT f(1)) TO STDOUT | f",
        "EXPLAIN SELECT f(1) | f",
        "SELECT f /* x */ (1) | f",
        "SELECT $1, f($2) | f",
        "SELECT left(a, 2), a LIKE (b) FROM t | left,like",
      })
  void callsAreFound(String sql, String names) {
    Set<Long> expected =
        names.isEmpty()
            ? Set.of()
            : java.util.Arrays.stream(names.split(","))
                .map(name -> ReadScan.hashOf(name.getBytes(StandardCharsets.UTF_8)))
                .collect(Collectors.toSet());
    assertThat(calls(sql)).isEqualTo(expected);
  }

  @Test
  void moreCallsThanAreRememberedAreNotTrusted() {
    StringBuilder sql = new StringBuilder("SELECT a0(1)");
    for (int i = 1; i < 40; i++) {
      sql.append(", a").append(i).append("(1)");
    }
    assertThat(has(ReadScan.READS, sql.toString())).isFalse();
    assertThat(scan.reads().why()).isEqualTo(ReadScan.Why.TOO_MANY_CALLS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BEGIN READ ONLY | true | false",
        "START TRANSACTION READ ONLY | true | false",
        "begin transaction isolation level repeatable read, read only | true | false",
        "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY | false | false",
        "BEGIN READ ONLY, ISOLATION LEVEL SERIALIZABLE | false | false",
        "BEGIN READ WRITE | false | false",
        "BEGIN | false | true",
        "START TRANSACTION ISOLATION LEVEL READ COMMITTED | false | true",
        "COMMIT | false | false",
        "SELECT 1; BEGIN READ ONLY | false | false",
      })
  void transactionsThatOnlyReadAreKnown(String sql, boolean readOnly, boolean usual) {
    assertThat(has(ReadScan.BEGINS_READ_ONLY, sql)).isEqualTo(readOnly);
    assertThat(has(ReadScan.BEGINS_USUAL, sql)).isEqualTo(usual);
  }

  @Test
  void hintsStandBeforeTheFirstStatement() {
    assertThat(has(ReadScan.HINT_PRIMARY, "/* pgfleet: primary */ SELECT 1")).isTrue();
    assertThat(has(ReadScan.HINT_STANDBY, " /*PGFLEET:STANDBY*/\nBEGIN")).isTrue();
    assertThat(has(ReadScan.HINT_PRIMARY, "SELECT 1 /* pgfleet: primary */")).isFalse();
    assertThat(has(ReadScan.HINT_PRIMARY, "SELECT '/* pgfleet: primary */'")).isFalse();
    assertThat(has(ReadScan.HINT_STANDBY, "/* pgfleet: primary */ SELECT 1")).isFalse();
  }

  @Test
  void whatWritesNothingIsHarmless() {
    for (String sql : new String[] {"BEGIN", "COMMIT", "ROLLBACK", "SET a = 1", "SHOW a", "END"}) {
      assertThat(has(ReadScan.HARMLESS, sql)).as(sql).isTrue();
    }
    for (String sql :
        new String[] {"COMMIT PREPARED 'x'", "INSERT INTO t VALUES (1)", "DO 'x'", "CALL f()"}) {
      assertThat(has(ReadScan.HARMLESS, sql)).as(sql).isFalse();
    }
  }

  @Test
  void literalsDoNotChangeTheShape() {
    flags("SELECT f(1) FROM t WHERE a = 'x' AND b = 2.5");
    long shape = scan.reads().shape();
    flags("SELECT  f(77)\nFROM t WHERE a = $$y$$ AND b = 3.14 -- so");
    assertThat(scan.reads().shape()).isEqualTo(shape);
    flags("SELECT g(1) FROM t WHERE a = 'x' AND b = 2.5");
    assertThat(scan.reads().shape()).isNotEqualTo(shape);
  }

  @Test
  void anyTextIsReadAndCutAnywhereGivesTheSame() {
    Random random = new Random(7);
    String[] parts = {
      "SELECT",
      "(",
      ")",
      "f",
      "pg_x",
      ".",
      "::",
      "\"q\"",
      "'s'",
      "/*",
      "*/",
      "--",
      "\n",
      "$1",
      "$$",
      ";",
      "WITH",
      "AS",
      "FOR",
      "UPDATE",
      "COPY",
      "TO",
      "STDOUT",
      "BEGIN",
      "READ",
      "ONLY",
      ",",
      "E'",
      "é",
      "\0",
      "1",
      "EXPLAIN",
      "ON",
      "DISTINCT"
    };
    for (int i = 0; i < 3000; i++) {
      StringBuilder sql = new StringBuilder();
      for (int n = random.nextInt(12); n >= 0; n--) {
        sql.append(parts[random.nextInt(parts.length)]).append(random.nextBoolean() ? " " : "");
      }
      byte[] bytes = sql.toString().getBytes(StandardCharsets.UTF_8);
      int whole = flags(sql.toString());
      long[] calls = scan.reads().calls();
      int cut = random.nextInt(bytes.length + 1);
      scan.begin(TrackedNames.USUAL);
      scan.feed(ByteBuffer.wrap(bytes), 0, cut);
      scan.feed(ByteBuffer.wrap(bytes), cut, bytes.length);
      assertThat(scan.finish()).as(sql.toString()).isEqualTo(whole);
      assertThat(scan.reads().calls()).isEqualTo(calls);
    }
  }
}
