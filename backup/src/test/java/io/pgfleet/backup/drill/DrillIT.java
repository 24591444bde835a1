package io.pgfleet.backup.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.drill.DrillReport.Step;
import io.pgfleet.backup.rows.RowCountFile;
import io.pgfleet.backup.rows.RowCounting;
import io.pgfleet.backup.rows.RowCounts;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalArchiver;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A drill of a real server's backup, with clients that insert and delete all the time. */
@Timeout(300)
@Tag("together")
class DrillIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String ROWS = "rows as of the backup";
  private static final int WRITERS = 4;

  private static final Map<String, String> SMALL =
      Map.of("fsync", "off", "shared_buffers", "16MB", "wal_init_zero", "off");

  private final TestFolder folder = TestFolder.create();
  private final List<AutoCloseable> opened = new ArrayList<>(List.of(folder));
  private final TestPostgres primary = keep(TestPostgres.start(SMALL));
  private final long system = primary.server().data().control().systemIdentifier();
  private final Archive archive =
      Archive.open(
          new FolderStore(folder.resolve("repository")),
          new Archive.Owner("shop", "main", system),
          Optional.empty());
  private final WalArchiver archiver =
      keep(
          new WalArchiver(
              new WalArchive(archive, SegmentName.USUAL_SIZE),
              () -> Optional.of(primary.settings("postgres")),
              "archive",
              system,
              Duration.ofMillis(50)));
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<Thread> writers = new ArrayList<>();

  private <T extends AutoCloseable> T keep(T one) {
    opened.addFirst(one);
    return one;
  }

  @AfterEach
  void clear() throws Exception {
    rest();
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private void write() {
    primary.sql("create table pair (number int, half int); create table lone (number int)");
    for (int i = 0; i < WRITERS; i++) {
      int first = i;
      writers.add(Thread.ofPlatform().start(() -> work(first)));
    }
  }

  /** Transactions of several rows, so that half of one would be seen; some of them roll back. */
  private void work(int first) {
    try (Connection connection = primary.connect()) {
      for (int number = first; !over.get(); number += WRITERS) {
        connection.query(
            "begin; insert into pair values (%1$d, 1), (%1$d, 2); insert into lone values (%1$d)"
                .formatted(number));
        connection.query(number % 7 == 0 ? "rollback" : "commit");
        connection.query("delete from pair where number = " + (number - 40 * WRITERS));
      }
    } catch (IOException | PostgresException e) {
      throw new IllegalStateException(e);
    }
  }

  private void rest() throws InterruptedException {
    over.set(true);
    for (Thread writer : writers) {
      writer.join();
    }
  }

  private Manifest backup(TestPostgres server) {
    return new Taking(archive, InstantSource.system(), 2, true)
        .take(server.settings("postgres"), "n1", system, _ -> {});
  }

  private RowCounts count(TestPostgres server) throws Exception {
    return new RowCounting(server.settings("postgres"), "n1", PATIENCE).count().orElseThrow();
  }

  private static Map<String, Long> tables(RowCounts counts) {
    return counts.databases().getOrDefault("postgres", Map.of());
  }

  private void awaitArchived() throws InterruptedException {
    Lsn end =
        Lsn.parse(
            primary.sql(
                "select pg_logical_emit_message(false, 'test', 'end');"
                    + "select pg_switch_wal(); select pg_current_wal_flush_lsn()"));
    for (int i = 0; i < 600 && !archiver.state().end().reaches(end); i++) {
      Thread.sleep(50);
    }
    assertThat(archiver.state().end().reaches(end)).as("%s", archiver.state()).isTrue();
  }

  private DrillReport drill() throws Exception {
    Path scratch = folder.resolve("drills");
    DrillReport report =
        new Drill(
                archive,
                primary.server().installation(),
                primary.server().user(),
                scratch,
                SMALL,
                2,
                List.of(),
                Optional.empty())
            .run(InstantSource.system(), new Random(), _ -> {});
    try (Stream<Path> left = Files.list(scratch)) {
      assertThat(left).isEmpty();
    }
    String own = "pgfleet-" + ProcessHandle.current().pid() + "-";
    List<Path> sockets;
    try (Stream<Path> all = Files.list(Path.of("/tmp"))) {
      sockets = all.filter(file -> file.getFileName().toString().startsWith(own)).toList();
    }
    Instant patience = Instant.now().plusSeconds(120);
    while (sockets.stream().anyMatch(Files::exists)) { // those of tests at the same time go too
      assertThat(Instant.now()).as("%s", sockets).isBefore(patience);
      Thread.sleep(50);
    }
    return report;
  }

  private static Step rows(DrillReport report) {
    return report.steps().stream()
        .filter(step -> step.name().equals(ROWS))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void rowsCountedOnAStandbyUnderWritesAreThoseOfARestore() throws Exception {
    archiver.start();
    TestPostgres standby = keep(primary.standby("standby"));
    write();
    for (int round = 0; round < 3; round++) {
      Manifest backup = backup(standby);
      RowCounts counts = count(standby);
      assertThat(tables(counts))
          .containsKeys("public.pair", "public.lone")
          .allSatisfy((_, rows) -> assertThat(rows).isPositive());
      // Both rows of a transaction are seen, or none.
      assertThat(tables(counts).getOrDefault("public.pair", 1L) % 2).isZero();
      RowCountFile.put(archive, backup.id(), counts);
      awaitArchived();
      DrillReport report = drill();
      assertThat(report.passed()).as("%s", report.steps()).isTrue();
      assertThat(rows(report).detail()).contains("as they were on n1");
      assertThat(report.restoreMillis()).isPositive();
    }
  }

  @Test
  void rowsCountedOnAPrimaryAreThoseOfARestoreAndOthersAreTold() throws Exception {
    archiver.start();
    write();
    Manifest backup = backup(primary);
    rest();
    RowCounts counts = count(primary);
    primary.sql("insert into lone values (-1)");
    RowCountFile.put(archive, backup.id(), counts);
    awaitArchived();
    DrillReport sound = drill();
    assertThat(sound.passed()).as("%s", sound.steps()).isTrue();
    assertThat(rows(sound).detail()).contains("as they were on n1");

    Map<String, Long> tables = new TreeMap<>(tables(counts));
    long rows = tables.getOrDefault("public.lone", -1L);
    tables.put("public.lone", rows + 1);
    tables.put("public.gone", 1L);
    Map<String, Map<String, Long>> others = new TreeMap<>(counts.databases());
    others.put("postgres", tables);
    RowCountFile.put(
        archive,
        backup.id(),
        new RowCounts(
            counts.format(),
            counts.node(),
            counts.timeline(),
            counts.position(),
            counts.at(),
            others));
    DrillReport report = drill();
    assertThat(report.passed()).isFalse();
    assertThat(report.failure())
        .isEqualTo(
            ROWS
                + ": table public.gone of postgres is missing; table public.lone of postgres has "
                + rows
                + " rows, and had "
                + (rows + 1));
    // What else there is was looked at all the same.
    assertThat(report.steps())
        .anySatisfy(step -> {
          assertThat(step.name()).isEqualTo("recover");
          assertThat(step.passed()).isTrue();
        });
  }

  @Test
  void aBackupWithoutCountsIsDrilledWithoutThem() throws Exception {
    archiver.start();
    backup(primary);
    awaitArchived();
    DrillReport report = drill();
    assertThat(report.passed()).as("%s", report.steps()).isTrue();
    assertThat(rows(report).detail()).startsWith("not compared");
  }
}
