package io.pgfleet.backup.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.keep.Coverage;
import io.pgfleet.backup.keep.Verification;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An archiver of real servers that lose WAL, slots and their role. */
@Timeout(120)
@Tag("together")
class WalArchiverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** WAL goes with the next checkpoint when nothing keeps it. */
  private static final Map<String, String> FORGETFUL =
      Map.of(
          "min_wal_size", "32MB",
          "max_wal_size", "32MB",
          "wal_recycle", "off",
          "fsync", "off");

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final TestPostgres primary = keep(TestPostgres.start(FORGETFUL));
  private final long system = primary.server().data().control().systemIdentifier();
  private final Archive archive =
      Archive.open(new MemoryStore(), new Archive.Owner("shop", "main", system), Optional.empty());
  private final WalArchive wal = new WalArchive(archive, SegmentName.USUAL_SIZE);
  private volatile Optional<ConnectSettings> leader = Optional.of(primary.settings("postgres"));

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

  private WalArchiver idle(InstantSource clock) {
    return keep(
        new WalArchiver(wal, () -> leader, "archive", system, Duration.ofMillis(100), clock));
  }

  private WalArchiver archiver() {
    WalArchiver archiver = idle(InstantSource.system());
    archiver.start();
    return archiver;
  }

  private void backup() {
    new Taking(archive, InstantSource.system(), 1, true)
        .take(leader.orElseThrow(), "n1", system, _ -> {});
  }

  private static void await(WalArchiver archiver, BooleanSupplier until)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!until.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("%s", archiver.state()).isNegative();
      Thread.sleep(10);
    }
  }

  private static void awaitAll(WalArchiver archiver, TestPostgres server)
      throws InterruptedException {
    Lsn end = Lsn.parse(server.sql("select pg_current_wal_flush_lsn()"));
    await(archiver, () -> archiver.state().end().reaches(end));
  }

  /** Segments that nothing keeps. */
  private void forget() {
    for (int i = 0; i < 4; i++) {
      primary.sql("select pg_logical_emit_message(false, 'test', 'x')");
      primary.sql("select pg_switch_wal()");
    }
    primary.sql("checkpoint");
    primary.sql("checkpoint");
  }

  @Test
  void whatTheServerNoLongerHasIsToldAndArchivingGoesOnBehindIt() throws Exception {
    WalArchiver first = archiver();
    backup();
    awaitAll(first, primary);
    first.close();
    Lsn from = first.state().end();
    String active = "select count(*) from pg_replication_slots where active";
    await(first, () -> primary.sql(active).equals("0"));
    primary.sql("select pg_drop_replication_slot('archive')");
    forget();
    WalArchiver archiver = archiver();
    awaitAll(archiver, primary);
    WalInventory.Gap lost = wal.inventory().gaps().getFirst();
    assertThat(lost.from().reaches(from)).isTrue();
    assertThat(archiver.state().gap().orElseThrow())
        .contains("The WAL from " + lost.from() + " on timeline 1 to " + lost.to() + " was gone");
    assertThat(archiver.state().trouble()).isEmpty();
    Backups backups = new Backups(archive);
    assertThatThrownBy(() -> RestorePlan.of(backups.all(), wal, new RecoveryTarget.Latest()))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("from " + lost.from())
        .hasMessageContaining("gone from the server before it was archived");

    // Another one finds the same, until a backup needs nothing of it.
    archiver.close();
    WalArchiver second = archiver();
    awaitAll(second, primary);
    assertThat(second.state().gap()).isEqualTo(archiver.state().gap());
    backup();
    await(second, () -> second.state().gap().isEmpty());
    awaitAll(second, primary);
    RestorePlan plan = RestorePlan.of(backups.all(), wal, new RecoveryTarget.Latest());
    assertThat(plan.missing()).isEmpty();
    assertThat(wal.inventory().gaps()).containsExactly(lost);
  }

  @Test
  void aSlotThatTheServerHasGivenUpIsMadeAnew() throws Exception {
    WalArchiver first = archiver();
    awaitAll(first, primary);
    first.close();
    primary.sql("alter system set idle_replication_slot_timeout = '1s'");
    primary.sql("select pg_reload_conf()");
    primary.sql("select pg_switch_wal()");
    await(
        first,
        () -> {
          primary.sql("checkpoint");
          return !primary
              .sql("select invalidation_reason from pg_replication_slots")
              .equals("null");
        });
    WalArchiver archiver = archiver();
    awaitAll(archiver, primary);
    assertThat(archiver.state().trouble()).isEmpty();
  }

  @Test
  void aServerThatIsNoLongerThePrimaryIsLeftAtOnce() throws Exception {
    TestPostgres standby = keep(primary.standby("next"));
    WalArchiver archiver = archiver();
    awaitAll(archiver, primary);
    standby.sql("select pg_promote()");
    // The former primary does not know of it, and its stream does not end.
    leader = Optional.of(standby.settings("postgres"));
    long moved = System.nanoTime();
    await(archiver, () -> archiver.state().timeline() == 2);
    assertThat(Duration.ofNanos(System.nanoTime() - moved)).isLessThan(Duration.ofSeconds(20));
    awaitAll(archiver, standby);
    await(archiver, () -> streams(primary) == 0);
    leader = Optional.empty();
    await(archiver, () -> streams(standby) == 0);
    String why = "is no longer the primary";
    await(
        archiver, () -> archiver.state().trouble().filter(told -> told.contains(why)).isPresent());
    leader = Optional.of(standby.settings("postgres"));
    standby.sql("select pg_switch_wal()");
    awaitAll(archiver, standby);
    assertThat(archiver.state().trouble()).isEmpty();
  }

  private static int streams(TestPostgres server) {
    return Integer.parseInt(server.sql("select count(*) from pg_stat_replication"));
  }

  @Test
  void whatIsVerifiedWhileItIsArchivedHasNoFindings() throws Exception {
    WalArchiver archiver = archiver();
    backup();
    primary.sql("create table t (filler text)");
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; i < 40; i++) {
            primary.sql("insert into t select repeat('x', 2000) from generate_series(1, 100)");
            if (i % 5 == 0) {
              primary.sql("select pg_switch_wal()");
            }
          }
        });
    Verification verification = new Verification(archive);
    while (!writer.isDone()) {
      assertThat(verification.run(_ -> {}).findings()).isEmpty();
    }
    writer.get();
    awaitAll(archiver, primary);
    assertThat(verification.run(_ -> {}).findings()).isEmpty();
    // the server writes now and then of itself
    await(
        archiver,
        () -> Coverage.of(archive, wal).backups().getFirst().end().equals(archiver.state().end()));
  }

  @Test
  void whatIsArchivedIsConfirmedAgainWhileNothingIsWritten() throws Exception {
    AtomicInteger seconds = new AtomicInteger();
    Instant begin = Instant.parse("2026-11-22T12:00:00Z");
    WalArchiver archiver = idle(() -> begin.plusSeconds(seconds.get()));
    assertThat(archiver.state().at()).isEqualTo(Instant.EPOCH);
    archiver.start();
    awaitAll(archiver, primary);
    seconds.set(3600);
    await(archiver, () -> archiver.state().at().equals(begin.plusSeconds(3600)));
  }
}
