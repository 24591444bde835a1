package io.pgfleet.backup.logical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.logical.Importing.Existing;
import io.pgfleet.backup.logical.Importing.Loaded;
import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Tables that went out as files and came back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class LogicalIT {
  private static final String ODD = "\"Odd \"\" Näme, 1\".\"table/of..%s\"";

  private TestPostgres server;
  @TempDir private Path folder;

  @BeforeAll
  void start() {
    server = TestPostgres.start();
    server.sql("create database here");
    server.sql("create database there");
  }

  @AfterAll
  void stop() {
    server.close();
  }

  /** Two databases with the same tables, rows in the one. */
  @BeforeEach
  void tables() throws Exception {
    for (String database : List.of("here", "there")) {
      run(
          database,
          """
          drop schema if exists "Odd "" Näme, 1" cascade;
          drop schema public cascade;
          create schema public;
          create type mood as enum ('sad', 'it''s, "ok"');
          create table kinds (
            id int primary key, t text, e text, n numeric, f float8, b bytea, a text[], j jsonb,
            ts timestamptz, iv interval, m mood, r int4range, rc regclass, flag bool,
            twice int generated always as (id * 2) stored);
          create table late (id bigserial primary key, early int not null);
          create table early (id int generated always as identity primary key, late bigint);
          alter table late add constraint le foreign key (early) references early;
          alter table early add constraint "El" foreign key (late) references late;
          create table chain (id int primary key, "up" int references chain);
          create table parted (id int, region text) partition by list (region);
          create table "parted_EU" partition of parted for values in ('eu');
          create table parted_us partition of parted for values in ('us');
          create table empty (x int);
          create table bare ();
          create view seen as select * from empty;
          create schema "Odd "" Näme, 1";
          create table %s ("select" text, "a ""b"", c" int, "новый" text);
          """
              .formatted(ODD));
    }
    run(
        "here",
        """
        insert into kinds values
          (1, null, '', 1.10, 'NaN', '\\x00ff0a5c', array['a,b', null, 'null', '', '"q"', '{}'],
           '{"k": "line\\nbreak", "q": "\\""}', '2026-03-29 02:30:00.123456+02', '1 mon -3 days',
           'it''s, "ok"', 'empty', 'kinds', true),
          (2, E'a\\nb\\r\\nc\\td "quoted", \\\\. \\\\N', E'\\\\.', -1e30, '-Infinity', '', '{}', 'null',
           'infinity', '-00:00:00.000001', null, '[1,5)', null, false),
          (3, E'\\\\N', 'NULL', null, 0.1::float8 + 0.2, null, null, null,
           '0044-03-15 12:00:00 BC', null, 'sad', null, 'pg_class', null);
        insert into early (late) values (null), (null);
        insert into late (early) values (1), (2), (2);
        update early set late = 3 where id = 1;
        insert into chain values (2, null), (1, 2);
        insert into parted values (1, 'eu'), (2, 'us'), (3, 'us');
        insert into %s values (null, null, null), ('', 1, '"'), (E'\\n', 2, 'ж');
        """
            .formatted(ODD));
  }

  private void run(String database, String sql) throws Exception {
    try (Connection connection = Connection.open(server.settings(database))) {
      connection.query(sql);
    }
  }

  private String value(String database, String sql) throws Exception {
    return value(server.settings(database), sql);
  }

  private static String value(ConnectSettings settings, String sql) throws Exception {
    try (Connection connection = Connection.open(settings)) {
      return String.valueOf(connection.query(sql).getLast().single());
    }
  }

  private ExportDescription export(Path into, Compression compression, String... tables) {
    return new Exporting(server.settings("here"), "n1", into, compression, new LogicalWork(_ -> {}))
        .run(List.of(tables));
  }

  private Loaded load(Path from, Existing existing, String... tables) {
    return new Importing(server.settings("there"), from, existing, new LogicalWork(_ -> {}))
        .run(List.of(tables));
  }

  /** All rows of a table in one text, in which null and the empty text differ. */
  private String rows(String database, String table) throws Exception {
    return value(
        database,
        "select coalesce(string_agg(to_jsonb(t)::text, E'\\n' order by to_jsonb(t)::text), '') from "
            + table
            + " t");
  }

  @Test
  void everyValueComesBackAsItWasInEachCompression() throws Exception {
    for (Compression compression : Compression.values()) {
      Path into = folder.resolve("export-" + compression);
      ExportDescription described = export(into, compression);
      assertThat(described.tables().stream().map(table -> table.table().toString()))
          .containsExactlyInAnyOrder(
              "Odd \" Näme, 1.table/of..%s",
              "public.chain",
              "public.early",
              "public.empty",
              "public.kinds",
              "public.late",
              "public.parted");
      assertThat(described).isEqualTo(ExportDescription.read(into));
      assertThat(described.rows()).isEqualTo(3 + 2 + 3 + 2 + 3 + 3);
      assertThat(described.position()).contains("/");

      Loaded loaded = load(into, Existing.TRUNCATE);
      assertThat(loaded.rows()).isEqualTo(described.rows());
      for (String table : List.of("kinds", "late", "early", "chain", "parted", "empty", ODD)) {
        assertThat(rows("there", table)).as(table).isEqualTo(rows("here", table));
      }
      assertThat(rows("there", "parted_us")).isEqualTo(rows("here", "parted_us"));
      assertThat(value("there", "select count(*) from kinds where t is null and e = ''"))
          .isEqualTo("1");
      if (compression == Compression.NONE) {
        assertThat(loaded.sequences()).containsEntry("early_id_seq", 2L);
        assertThat(loaded.sequences()).containsEntry("late_id_seq", 3L);
        assertThat(value("there", "insert into late (early) values (1) returning id"))
            .isEqualTo("4");
      } else {
        assertThat(loaded.sequences()).isEmpty();
      }
    }
    assertThat(value("there", "select bool_or(condeferrable) from pg_constraint")).isEqualTo("f");
  }

  @Test
  void allTablesAreOfOneMoment() throws Exception {
    run("here", "create table a (i int); create table b (i int)");
    run("here", "insert into a select generate_series(1, 200000)");
    Path into = folder.resolve("moment");
    boolean[] moved = {false};
    LogicalWork work =
        new LogicalWork(_ -> {
          if (!moved[0]) {
            moved[0] = true;
            try {
              run("here", "insert into b select i from a; delete from a");
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        });
    ExportDescription described =
        new Exporting(server.settings("here"), "n1", into, Compression.NONE, work)
            .run(List.of("a", "b"));
    assertThat(described.tables().getFirst().rows()).isEqualTo(200_000);
    assertThat(described.tables().getLast().rows()).isZero();
  }

  @Test
  void chosenTablesAreExportedByTheirNamesInSqlAndOthersAreTold() throws Exception {
    Path into = folder.resolve("two");
    ExportDescription described = export(into, Compression.ZSTD, ODD, "chain");
    assertThat(described.tables()).hasSize(2);
    Path chain = into.resolve(described.tables().getLast().file());
    try (InputStream in = Compression.ZSTD.from(Files.newInputStream(chain))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("id,up\n2,\n1,2\n");
    }
    refusedExport("nowhere", "has no table nowhere");
    refusedExport("seen", "is no table, but another relation");
    refusedExport("a.b.c.d", "is no table's name");
  }

  private void refusedExport(String table, String why) {
    Path into = folder.resolve("refused");
    assertThatThrownBy(() -> export(into, Compression.NONE, table))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(why);
    assertThat(into).doesNotExist();
    assertThat(into.resolveSibling("refused.part")).doesNotExist();
  }

  private void refused(Path from, Existing existing, String why) throws Exception {
    assertThatThrownBy(() -> load(from, existing))
        .as(why)
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(why)
        .hasMessageNotContaining("Exception");
    assertThat(value("there", "select count(*) from kinds")).isEqualTo("0");
    assertThat(value("there", "select count(*) from chain")).isEqualTo("0");
  }

  @Test
  void whatDoesNotFitIsToldAndNothingIsLoaded() throws Exception {
    Path into = folder.resolve("export");
    ExportDescription described = export(into, Compression.NONE);
    refused(folder.resolve("none"), Existing.REFUSE, "is no export");
    for (String json : List.of("", "{}", "{\"format\":1}", "{\"format\":2}", "[", "null")) {
      Path odd = Files.createDirectories(folder.resolve("odd"));
      Files.writeString(odd.resolve("export.json"), json);
      refused(odd, Existing.REFUSE, "is no description of an export");
    }

    Path kinds =
        into.resolve(
            described.tables().stream()
                .filter(table -> table.name().equals("kinds"))
                .findFirst()
                .orElseThrow()
                .file());
    byte[] whole = Files.readAllBytes(kinds);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    Files.write(kinds, flipped);
    refused(into, Existing.REFUSE, "its SHA-256 is another");
    Files.delete(kinds);
    refused(into, Existing.REFUSE, "is missing");
    Files.write(kinds, whole);

    run("there", "alter table kinds drop column f; drop table empty cascade");
    assertThatThrownBy(() -> load(into, Existing.REFUSE))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("table public.kinds has no column f")
        .hasMessageContaining("there is no table public.empty");
    run("there", "alter table kinds add column f float8; create table empty (x int)");

    run("there", "alter table parted add check (id < 3)");
    refused(into, Existing.REFUSE, "violates check constraint");
    run("there", "alter table parted drop constraint parted_id_check");
    run("there", "insert into empty values (5)");
    refused(into, Existing.REFUSE, "has rows");
    assertThat(load(into, Existing.KEEP).tables()).isEqualTo(described.tables().size());
    assertThat(value("there", "select count(*) from empty")).isEqualTo("1");
    assertThatThrownBy(() -> load(into, Existing.KEEP))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("duplicate key");
    assertThat(load(into, Existing.TRUNCATE, "public.empty").rows()).isZero();
    assertThat(value("there", "select count(*) from empty")).isEqualTo("0");
  }

  @Test
  void aStandbyIsReadAndWhatItLacksIsTold() throws Exception {
    try (TestPostgres standby = server.standby("reader")) {
      run("here", "create unlogged table fleeting (i int)");
      String seen = "select to_regclass('fleeting') is not null";
      for (int i = 0; i < 200 && value(standby.settings("here"), seen).equals("f"); i++) {
        Thread.sleep(20);
      }
      Exporting all =
          new Exporting(
              standby.settings("here"),
              "n2",
              folder.resolve("all"),
              Compression.NONE,
              new LogicalWork(_ -> {}));
      assertThatThrownBy(() -> all.run(List.of()))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("Table public.fleeting is unlogged");
      ExportDescription described = all.run(List.of("kinds", "parted"));
      assertThat(described.rows()).isEqualTo(6);
      assertThat(described.position()).isNotEqualTo("0/0");
    }
  }

  /** Breaks the work off once a megabyte went through it, as Ctrl-C does from another thread. */
  private static LogicalWork breaking() {
    LogicalWork[] work = new LogicalWork[1];
    Thread[] stop = new Thread[1];
    work[0] =
        new LogicalWork(progress -> {
          if (progress.bytes() > 1_000_000 && stop[0] == null) {
            stop[0] = Thread.ofVirtual().start(() -> work[0].stop(Duration.ofSeconds(20)));
            while (!work[0].isStopped()) {
              Thread.onSpinWait();
            }
          }
        });
    return work[0];
  }

  @Test
  void whatIsBrokenOffLeavesNothingBehind() throws Exception {
    for (String database : List.of("here", "there")) {
      run(database, "create table many (i int, t text)");
    }
    run("here", "insert into many select i, repeat('x', 200) from generate_series(1, 20000) i");
    Path into = folder.resolve("export");
    assertThatThrownBy(() ->
            new Exporting(server.settings("here"), "n1", into, Compression.NONE, breaking())
                .run(List.of()))
        .isInstanceOf(BackupException.class)
        .hasMessage("The export was broken off.");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
    export(into, Compression.NONE, "many");
    assertThatThrownBy(() ->
            new Importing(server.settings("there"), into, Existing.REFUSE, breaking())
                .run(List.of()))
        .isInstanceOf(BackupException.class)
        .hasMessage("The import was broken off.");
    assertThat(value("there", "select count(*) from many")).isEqualTo("0");
    assertThatThrownBy(() -> export(into, Compression.NONE))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("is not empty");
  }
}
