package io.pgfleet.bench.backup;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.peer.Programs;
import io.pgfleet.postgres.install.Installation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Fills a database: one half with pgbench's tables, whose rows are mostly blanks, the other with
 * rows of identifiers, digests and bytes of which hardly any repeat, so that together they compress
 * about as data of applications does. The same size gives the same content.
 */
record Filling(Installation installation, Sql sql, long size) {
  /** What pgbench's tables and indexes take at scale 1. */
  private static final long SCALE = 15_700_000;

  /** Rows, and about what they take with their indexes. */
  private static final int BATCH = 20_000;

  private static final long BATCH_BYTES = 8_200_000;

  private static final String TABLE =
      "CREATE TABLE record (id bigint PRIMARY KEY, at timestamptz NOT NULL, owner uuid NOT NULL,"
          + " note text NOT NULL, content bytea NOT NULL);"
          + " CREATE INDEX ON record (owner)";

  /** What tells one filled database from another, or from half of it. */
  private static final String SUM =
      "SELECT (SELECT count(*) || ' ' || sum(abalance) || ' ' || sum(aid) FROM pgbench_accounts)"
          + " || ' ' || (SELECT count(*) || ' ' || sum(hashtextextended(note, 1)) FROM record)";

  /** The program that it needs, where the installation has it. */
  static Path pgbench(Installation installation) {
    Path program = installation.program("pgbench");
    if (!Files.isExecutable(program)) {
      throw new BenchException(
          "there is no pgbench in " + installation.bin(),
          "Debian: apt-get install postgresql-contrib");
    }
    return program;
  }

  /** Fills it, and leaves it checkpointed and vacuumed. */
  void fill(Consumer<String> said) throws InterruptedException {
    int scale = (int) Math.max(1, size / 2 / SCALE);
    said.accept(
        "filling a database of "
            + DataSize.text(size)
            + ", one half of it pgbench's at scale "
            + scale);
    Programs.run(
        List.of(
            pgbench(installation).toString(),
            "-i",
            "-q",
            "-s",
            Integer.toString(scale),
            "-h",
            "127.0.0.1",
            "-p",
            Integer.toString(sql.port()),
            "-U",
            Sql.USER,
            "postgres"),
        Map.of("PGPASSWORD", Sql.PASSWORD));
    sql.ask(TABLE);
    long batches = Math.max(1, (size - scale * SCALE) / BATCH_BYTES);
    for (long batch = 0; batch < batches; batch++) {
      sql.ask(rows(batch * BATCH + 1, (batch + 1) * BATCH));
    }
    sql.ask("VACUUM (FREEZE, ANALYZE)");
    sql.ask("CHECKPOINT");
  }

  private static String rows(long first, long last) {
    return "INSERT INTO record SELECT i, timestamptz '2026-01-01 00:00Z' + i * interval '1 second',"
        + " md5('o' || i)::uuid, md5('n' || i) || md5('m' || i) || md5('l' || i) || md5('k' || i),"
        + " decode((SELECT string_agg(md5(i || 'c' || j), '') FROM generate_series(1, 8) j),"
        + " 'hex') FROM generate_series("
        + first
        + ", "
        + last
        + ") i";
  }

  /** What must be the same in every copy. */
  static String sum(Sql sql) {
    return sql.ask(SUM);
  }
}
