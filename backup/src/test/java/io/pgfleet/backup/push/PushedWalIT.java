package io.pgfleet.backup.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.postgres.backup.ArchiveCommand;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.Lsn;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real servers that hand their WAL over, or believe that they have. */
@Timeout(120)
@Tag("together")
class PushedWalIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private static final Map<String, String> ARCHIVING =
      Map.of(
          "archive_mode", "always",
          "archive_command", "/bin/true",
          "min_wal_size", "32MB",
          "wal_recycle", "off",
          "fsync", "off");

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final TestPostgres primary = keep(TestPostgres.start(ARCHIVING));
  private final long system = primary.server().data().control().systemIdentifier();
  private final WalArchive wal =
      new WalArchive(
          Archive.open(
              new MemoryStore(), new Archive.Owner("shop", "main", system), Optional.empty()),
          SegmentName.USUAL_SIZE);
  private volatile boolean away;

  private <T extends AutoCloseable> T keep(T one) {
    opened.addFirst(one);
    return one;
  }

  @AfterEach
  void clear() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private WalFolder folder(TestPostgres server) {
    return new WalFolder(server.server().data().path().resolve("pg_wal"), system);
  }

  private void push(TestPostgres server, String name) {
    if (away) {
      throw new BackupException(Kind.STORE, "The store is away.", "Wait.");
    }
    WalPush.push(wal, folder(server).read(name));
  }

  private PushedWal follow(TestPostgres server) {
    PushedWal pushed =
        keep(
            new PushedWal(
                wal,
                () -> Optional.of(server.settings("postgres")),
                folder(server),
                name -> push(server, name),
                Optional::empty,
                InstantSource.system(),
                new PushedWal.Patience(
                    Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(1))));
    pushed.start();
    return pushed;
  }

  /** Has a server hand over what is finished from now on. */
  private void handOver(TestPostgres server) throws InterruptedException {
    Path data = server.server().data().path();
    ArchiveCommand command = ArchiveCommand.of(data);
    keep(new PushDesk(command, ServerUser.resolve(Optional.empty()), name -> push(server, name)));
    server.sql("alter system set archive_command = '" + command.value().replace("'", "''") + "'");
    server.sql("select pg_reload_conf()");
    // A new session shows it once the archiver is told, which looks before each file.
    await("configured", () -> server.sql("show archive_command").equals(command.value()));
  }

  private static void await(String what, BooleanSupplier until) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!until.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as(what).isNegative();
      Thread.sleep(20);
    }
  }

  private static Lsn finished(TestPostgres server) {
    server.sql("select pg_logical_emit_message(false, 'test', 'x')");
    return Lsn.parse(server.sql("select pg_switch_wal()"));
  }

  private void backup(TestPostgres server) {
    new Taking(wal.archive(), InstantSource.system(), 1, true)
        .take(server.settings("postgres"), "n1", system, _ -> {});
  }

  private RestorePlan plan() {
    return RestorePlan.of(new Backups(wal.archive()).all(), wal, new RecoveryTarget.Latest());
  }

  @Test
  void whatTheServerBelievesToBeArchivedIsPutNonetheless() throws Exception {
    PushedWal pushed = follow(primary);
    await("the first look", () -> pushed.state().timeline() == 1);
    backup(primary);
    Instant before = Instant.now();
    Lsn end = finished(primary);
    Lsn last = finished(primary);
    await("late", () -> pushed.state().end().reaches(last));
    assertThat(plan().end().reaches(end)).isTrue();
    assertThat(plan().missing()).isEmpty();
    // It is looked once a second what is written, so this is told a little too early.
    assertThat(pushed.state().at()).isAfter(before.minusSeconds(20));
    assertThat(pushed.state().trouble()).isEmpty();

    away = true;
    Lsn waits = finished(primary);
    await("told", () -> pushed.state().trouble().equals(Optional.of("The store is away.")));
    away = false;
    await("back", () -> pushed.state().end().reaches(waits));
    await("no trouble", () -> pushed.state().trouble().isEmpty());
  }

  @Test
  void whatIsGoneIsToldUntilABackupStandsBehindIt() throws Exception {
    PushedWal first = follow(primary);
    await("the first look", () -> first.state().timeline() == 1);
    backup(primary);
    first.close();
    for (int i = 0; i < 4; i++) {
      finished(primary);
    }
    // only what the server takes for archived goes with a checkpoint
    String waiting = "select count(*) from pg_ls_archive_statusdir() where name like '%.ready'";
    await("archived", () -> primary.sql(waiting).equals("0"));
    primary.sql("checkpoint");
    primary.sql("checkpoint");
    PushedWal pushed = follow(primary);
    handOver(primary);
    finished(primary);
    await("told", () -> pushed.state().gap().isPresent());
    assertThat(pushed.state().gap().orElseThrow())
        .contains("is neither in the repository nor on the primary");
    backup(primary);
    Lsn end = finished(primary);
    await("covered", () -> pushed.state().gap().isEmpty());
    await("goes on", () -> pushed.state().end().reaches(end));
  }

  /** The store is away when the primary is lost, which takes its last finished segments along. */
  @Test
  void aStandbyHandsOverWhatTheLostPrimaryCouldNot() throws Exception {
    TestPostgres standby = keep(primary.standby("next"));
    handOver(primary);
    backup(primary);
    away = true;
    handOver(standby);
    finished(primary);
    finished(primary);
    primary.sql("create table t as select 1 i");
    Lsn written = Lsn.parse(primary.sql("select pg_current_wal_flush_lsn()"));
    await(
        "replayed",
        () -> Lsn.parse(standby.sql("select pg_last_wal_replay_lsn()")).reaches(written));
    primary.kill();
    standby.sql("select pg_promote()");
    standby.sql("checkpoint");
    Lsn end = finished(standby);
    away = false;
    PushedWal pushed = follow(standby);
    await("all", () -> pushed.state().end().reaches(end));
    assertThat(pushed.state().timeline()).isEqualTo(2);
    assertThat(pushed.state().gap()).isEmpty();
    assertThat(plan().timeline()).isEqualTo(2);
    assertThat(plan().end().reaches(end)).isTrue();
    assertThat(plan().missing()).isEmpty();
  }
}
