package io.pgfleet.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.keep.Verification;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalArchiver;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestInstallations;
import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real servers that are lost, and made again from the repository alone. */
@Timeout(300)
@Tag("together")
class RestoreIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Optional<UserKey> KEY =
      Optional.of(UserKey.parse("0f".repeat(UserKey.BYTES), "the test"));

  /** Those who wait for the archive at the same time, and what they write together. */
  private static final int CLIENTS = 5;

  private static final int ROWS = 500;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /**
   * A killed server needs no disk to be sure of what it wrote, and these have little to do. They
   * keep WAL, since after a failover nothing keeps what the archive lacks for it.
   */
  private static final Map<String, String> SMALL =
      Map.of(
          "fsync", "off",
          "shared_buffers", "16MB",
          "min_wal_size", "32MB",
          "wal_keep_size", "1GB",
          "wal_init_zero", "off");

  private final TestFolder folder = TestFolder.create();
  private final List<AutoCloseable> opened = new ArrayList<>(List.of(folder));
  private final TestPostgres primary = keep(TestPostgres.start(SMALL));
  private final long system = primary.server().data().control().systemIdentifier();
  private final Path repository = folder.resolve("repository");
  private final Archive archive = open();
  private final WalArchive wal = new WalArchive(archive, SegmentName.USUAL_SIZE);
  private volatile Optional<ConnectSettings> leader = Optional.of(primary.settings("postgres"));

  private <T extends AutoCloseable> T keep(T one) {
    opened.addFirst(one);
    return one;
  }

  private Archive open() {
    return Archive.open(
        new FolderStore(repository), new Archive.Owner("shop", "main", system), KEY);
  }

  /** Two thirds of a new cluster's files are of its templates. */
  @BeforeEach
  void shrink() {
    primary.sql("update pg_database set datistemplate = false");
    primary.sql("drop database template0");
    primary.sql("drop database template1");
  }

  @AfterEach
  void clear() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private WalArchiver archiver(Duration interval) {
    WalArchiver archiver = keep(new WalArchiver(wal, () -> leader, "archive", system, interval));
    archiver.start();
    return archiver;
  }

  private Manifest backup() {
    return new Taking(archive, InstantSource.system(), 2, true)
        .take(leader.orElseThrow(), "n1", system, _ -> {});
  }

  private static void await(WalArchiver archiver, Lsn position) throws InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!archiver.state().end().reaches(position)) {
      assertThat(System.nanoTime() - until).as("%s", archiver.state()).isNegative();
      Thread.sleep(10);
    }
  }

  private static Lsn position(TestPostgres server) {
    return Lsn.parse(server.sql("select pg_current_wal_flush_lsn()"));
  }

  /** A server that is made from the repository, up to a moment. */
  private final class Restored implements AutoCloseable {
    final Server server;
    final ServerConfig config = ServerConfig.loopback(FreePorts.one()).withUserSettings(SMALL);

    Restored(RecoveryTarget target) {
      server =
          new Server(
              TestInstallations.embedded(),
              folder.resolve("restored-" + NUMBER.getAndIncrement()),
              TestInstallations.user());
      RestorePlan plan = RestorePlan.of(new Backups(archive).all(), wal, target);
      Restoring restoring = new Restoring(archive, wal, 2, PATIENCE);
      restoring.unpack(server, plan, _ -> {});
      restoring.recover(server, config, plan, target);
    }

    ConnectSettings settings() {
      return ConnectSettings.of("127.0.0.1", config.port(), "postgres", TestPostgres.USER)
          .withPassword(TestPostgres.PASSWORD);
    }

    String sql(String statement) {
      try (Connection connection = Connection.open(settings())) {
        return String.valueOf(connection.query(statement).getLast().onlyRow().get(0));
      } catch (IOException | PostgresException e) {
        throw new IllegalStateException(statement, e);
      }
    }

    @Override
    public void close() {
      server.stop(StopMode.IMMEDIATE, Duration.ofSeconds(20));
    }
  }

  @Test
  void whatWasAcknowledgedUpToTheArchiversWordIsThereAfterAllServersAreLost() throws Exception {
    WalArchiver archiver = archiver(Duration.ofMillis(300));
    primary.sql("create table t (i int primary key, at timestamptz default clock_timestamp())");
    List<Lsn> commits = new ArrayList<>();
    int began = 1000;
    Instant patience = Instant.now().plus(PATIENCE);
    try (Connection connection = primary.connect()) {
      // a fast machine writes the 2000 rows behind the backup before the archiver's next word
      for (int i = 0; i < 3000 || !archiver.state().end().reaches(commits.get(began)); i++) {
        assertThat(Instant.now()).isBefore(patience);
        if (i == began) {
          assertThat(backup().files()).isNotEmpty();
        }
        connection.query("insert into t values (" + i + ")");
        String end = connection.query("select pg_current_wal_flush_lsn()").getFirst().single();
        commits.add(Lsn.parse(String.valueOf(end)));
      }
    }
    Lsn kept = archiver.state().end();
    primary.kill();
    assertThat(kept.reaches(commits.get(began))).isTrue();
    try (Restored restored = new Restored(new RecoveryTarget.Latest())) {
      int there = Integer.parseInt(restored.sql("select count(*) from t"));
      assertThat(restored.sql("select max(i) from t")).isEqualTo(Integer.toString(there - 1));
      long promised = commits.stream().filter(kept::reaches).count();
      assertThat(there).isGreaterThanOrEqualTo((int) promised);
      restored.sql("insert into t values (-1) returning i");
    }
  }

  @Test
  void asASynchronousStandbyItHasEveryAcknowledgedRow() throws Exception {
    primary.sql("create table t (i int primary key)");
    leader = leader.map(settings -> settings.withParameter("application_name", "archive"));
    WalArchiver archiver = archiver(Duration.ZERO);
    backup();
    await(archiver, position(primary));
    primary.sql("alter system set synchronous_standby_names = 'archive'");
    primary.sql("select pg_reload_conf()");
    while (!primary.sql("select sync_state from pg_stat_replication").equals("sync")) {
      Thread.sleep(20);
    }
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Callable<@Nullable Void>> work = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        int from = client * ROWS / CLIENTS;
        work.add(() -> insert(from, from + ROWS / CLIENTS));
      }
      clients.invokeAll(work);
    }
    assertThat(primary.sql("select count(*) from t")).isEqualTo(Integer.toString(ROWS));
    primary.kill();
    archiver.close();
    try (Restored restored = new Restored(new RecoveryTarget.Latest())) {
      assertThat(restored.sql("select count(*) from t")).isEqualTo(Integer.toString(ROWS));
    }
  }

  private @Nullable Void insert(int from, int to) throws Exception {
    try (Connection connection = primary.connect()) {
      for (int i = from; i < to; i++) {
        connection.query("insert into t values (" + i + ")");
      }
    }
    return null;
  }

  @Test
  void momentsOnBothSidesOfAFailoverAreReached() throws Exception {
    primary.sql("create table t (i int primary key)");
    TestPostgres standby = keep(primary.standby("next"));
    WalArchiver archiver = archiver(Duration.ofMillis(200));
    backup();
    List<Instant> times = new ArrayList<>(moments(primary, 0));
    failOver(standby);
    times.addAll(moments(standby, 20));
    standby.sql("insert into t values (1000)");
    await(archiver, position(standby));
    assertThat(archiver.state().timeline()).isEqualTo(2);
    Random random = new Random(1);
    try (ExecutorService two = Executors.newFixedThreadPool(2)) {
      List<Future<String>> moments = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int tried = 0; tried < 20; tried++) {
        int last = tried < 2 ? tried * 39 : random.nextInt(40);
        expected.add((last + 1) + " " + last);
        moments.add(two.submit(() -> restoredTo(times.get(last))));
      }
      for (int i = 0; i < moments.size(); i++) {
        assertThat(moments.get(i).get()).isEqualTo(expected.get(i));
      }
    }
    try (Restored restored = new Restored(new RecoveryTarget.Latest())) {
      assertThat(restored.sql("select count(*) from t")).isEqualTo("41");
    }
  }

  private void failOver(TestPostgres standby) throws InterruptedException {
    leader = Optional.empty();
    while (!standby
        .sql("select pg_last_wal_replay_lsn() >= '" + position(primary) + "'")
        .equals("t")) {
      Thread.sleep(10);
    }
    primary.server().stop(StopMode.FAST, Duration.ofSeconds(20));
    standby.sql("select pg_promote()");
    leader = Optional.of(standby.settings("postgres"));
  }

  /** PostgreSQL then writes down a history in which the later timeline was left before it began. */
  @Test
  void whatWasRestoredToBeforeAFailoverIsArchivedAndRestoredAgain() throws Exception {
    primary.sql("create table t (i int primary key)");
    TestPostgres standby = keep(primary.standby("next"));
    WalArchiver archiver = archiver(Duration.ofMillis(100));
    backup();
    List<Instant> times = moments(primary, 0);
    backup();
    failOver(standby);
    moments(standby, 20);
    await(archiver, position(standby));
    leader = Optional.empty();
    standby.kill();
    try (Restored restored = new Restored(new RecoveryTarget.Time(times.get(10)))) {
      leader = Optional.of(restored.settings());
      restored.sql("insert into t values (100) returning i");
      while (archiver.state().timeline() != 3) {
        Thread.sleep(10);
      }
      await(archiver, Lsn.parse(restored.sql("select pg_current_wal_flush_lsn()")));
      leader = Optional.empty();
    }
    try (Restored restored = new Restored(new RecoveryTarget.Latest())) {
      assertThat(restored.sql("select count(*) || ' ' || max(i) from t")).isEqualTo("12 100");
    }
    assertThat(new Verification(archive).run(_ -> {}).findings()).isEmpty();
  }

  /** Twenty rows, and a moment behind each. */
  private static List<Instant> moments(TestPostgres server, int from) throws Exception {
    List<Instant> times = new ArrayList<>();
    try (Connection connection = server.connect()) {
      for (int i = from; i < from + 20; i++) {
        connection.query("insert into t values (" + i + ")");
        if (i % 4 == 3) { // a segment has much to write, and nothing in it
          connection.query("select pg_switch_wal()");
        }
        Thread.sleep(20);
        times.add(Instant.now());
        Thread.sleep(20);
      }
    }
    return times;
  }

  private String restoredTo(Instant time) {
    try (Restored restored = new Restored(new RecoveryTarget.Time(time))) {
      return restored.sql("select count(*) || ' ' || max(i) from t");
    }
  }

  private String name(Path object) {
    return repository.resolve("shop/main/" + system).relativize(object).toString();
  }

  @Test
  void aDamagedOrMissingObjectIsToldAndNothingIsLeft() throws Exception {
    primary.sql("create table t as select generate_series(1, 100000) i");
    Manifest manifest = backup();
    Path backupFolder = repository.resolve("shop/main/" + system + "/backups/" + manifest.id());
    // A restore leaves out the server's own manifest, which may have a pack of its own.
    Manifest.PackedFile last = manifest.files().getLast();
    String unread = last.offset() == 0 ? manifest.packObject(last.pack()) : "";
    List<Path> objects;
    try (Stream<Path> all = Files.walk(backupFolder)) {
      objects =
          all.filter(Files::isRegularFile)
              .filter(object -> !name(object).equals(unread))
              .sorted()
              .toList();
    }
    assertThat(objects).hasSizeGreaterThan(1);
    Random random = new Random(5);
    for (Path object : objects) {
      byte[] whole = Files.readAllBytes(object);
      byte[] flipped = whole.clone();
      flipped[random.nextInt(flipped.length)] ^= 1;
      Files.write(object, flipped);
      assertThat(new Verification(archive).run(_ -> {}).findings())
          .extracting(Verification.Finding::object)
          .containsExactly(name(object));
      assertThatThrownBy(() -> new Restored(new RecoveryTarget.Latest()))
          .isInstanceOfSatisfying(
              BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED));
      Files.delete(object);
      // Without its manifest a backup is none; whatever else is gone is told.
      boolean manifested = !object.endsWith("manifest");
      assertThat(new Verification(archive).run(_ -> {}).findings().size())
          .isEqualTo(manifested ? 1 : 0);
      assertThatThrownBy(() -> new Restored(new RecoveryTarget.Latest()))
          .isInstanceOfSatisfying(
              BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MISSING));
      Files.write(object, whole);
    }
    assertThat(new Verification(archive).run(_ -> {}).clean()).isTrue();
    try (Stream<Path> left = Files.list(folder.path())) {
      assertThat(left.filter(one -> one.getFileName().toString().startsWith("restored")).toList())
          .isEmpty();
    }
    try (Restored restored = new Restored(new RecoveryTarget.Latest())) {
      assertThat(restored.sql("select count(*) from t")).isEqualTo("100000");
    }
  }

  @Test
  void aStreamThatBreaksAgainAndAgainLosesNothingThatWasConfirmed() throws Exception {
    primary.sql("create table t (i int primary key, filler text)");
    backup();
    int rows = 0;
    Lsn last = Lsn.ZERO;
    for (int round = 0; round < 6; round++) {
      try (WalArchiver archiver =
          new WalArchiver(wal, () -> leader, "archive", system, Duration.ofMillis(50))) {
        archiver.start();
        for (int i = 0; i < 40; i++) {
          primary.sql("insert into t values (" + rows++ + ", repeat('x', 20000))");
        }
        last = position(primary);
        await(archiver, last);
      }
      // Of one segment, mostly: each archiver begins with what the one before has put.
      SegmentName segment = SegmentName.of(1, last, SegmentName.USUAL_SIZE);
      long held = wal.find(segment).map(bytes -> bytes.length).orElse(0);
      assertThat(segment.start().value() + held).isGreaterThanOrEqualTo(last.value());
    }
    primary.kill();
    try (Restored restored = new Restored(new RecoveryTarget.Latest())) {
      assertThat(restored.sql("select count(*) from t")).isEqualTo(Integer.toString(rows));
    }
  }

  @Test
  void aBackupOfAStandbyIsRestoredAsOneOfThePrimary() throws Exception {
    primary.sql("create table t as select generate_series(1, 1000) i");
    TestPostgres standby = keep(primary.standby("next"));
    WalArchiver archiver = archiver(Duration.ofMillis(100));
    new Taking(archive, InstantSource.system(), 1, true)
        .take(standby.settings("postgres"), "n2", system, _ -> {});
    primary.sql("insert into t values (-1)");
    await(archiver, position(primary));
    primary.kill();
    try (Restored restored = new Restored(new RecoveryTarget.Latest())) {
      assertThat(restored.sql("select count(*) from t")).isEqualTo("1001");
      restored.server.stop(StopMode.FAST, Duration.ofSeconds(20));
      restored.server.configure(restored.config);
      restored.server.start(PATIENCE);
      assertThat(restored.sql("select pg_is_in_recovery()")).isEqualTo("f");
    }
  }

  @Test
  void missingOrDamagedWalIsNeverTakenForItsEnd() throws Exception {
    primary.sql("create table t (i int)");
    backup();
    WalArchiver archiver = archiver(Duration.ofMillis(100));
    List<Instant> times = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      primary.sql("insert into t values (" + i + ")");
      Thread.sleep(5);
      times.add(Instant.now());
      Thread.sleep(5);
      primary.sql("select pg_switch_wal()");
    }
    primary.sql("insert into t values (4)");
    await(archiver, position(primary));
    archiver.close();
    Path timeline = repository.resolve("shop/main/" + system + "/wal/00000001");
    List<Path> segments;
    try (Stream<Path> all = Files.list(timeline)) {
      segments = all.filter(Files::isRegularFile).sorted().toList();
    }
    Path middle = segments.get(segments.size() - 2);
    byte[] whole = Files.readAllBytes(middle);
    byte[] flipped = whole.clone();
    flipped[flipped.length / 2] ^= 1;
    Files.write(middle, flipped);
    assertThatThrownBy(() -> new Restored(new RecoveryTarget.Latest()))
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED));
    Files.delete(middle);
    assertThatThrownBy(() -> new Restored(new RecoveryTarget.Latest()))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("there is more behind");
    try (Restored restored = new Restored(new RecoveryTarget.Time(times.get(0)))) {
      assertThat(restored.sql("select count(*) || ' ' || max(i) from t")).isEqualTo("1 0");
    }
    assertThatThrownBy(() -> new Restored(new RecoveryTarget.Time(times.get(3))))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("recovery ended before configured recovery target was reached")
        .hasMessageContaining("there is more behind");
    Files.write(middle, whole);
    try (Restored restored = new Restored(new RecoveryTarget.Latest())) {
      assertThat(restored.sql("select count(*) from t")).isEqualTo("5");
    }
  }
}
