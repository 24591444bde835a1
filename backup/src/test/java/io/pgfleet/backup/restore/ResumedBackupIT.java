package io.pgfleet.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.IncrementalRefusedException;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.base.Patience;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.keep.Verification;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.store.WrappedStore;
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
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backups of a real server that break off, and are gone on with. */
@Timeout(180)
@Tag("together")
class ResumedBackupIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Optional<UserKey> KEY =
      Optional.of(UserKey.parse("0f".repeat(UserKey.BYTES), "the test"));

  /** A backup that bears with nothing, and writes down at once what it has put. */
  private static final Patience NONE = new Patience(Duration.ZERO, Duration.ofMillis(50));

  private static final Map<String, String> SMALL =
      Map.of(
          "fsync", "off",
          "shared_buffers", "16MB",
          "autovacuum", "off",
          "min_wal_size", "32MB",
          "wal_keep_size", "1GB",
          "wal_init_zero", "off",
          "summarize_wal", "on");

  private static final String CONTENT =
      """
      select string_agg(c.relname || ' ' || pg_relation_size(c.oid) || ' '
          || md5(query_to_xml('select count(*), sum(hashtext(t::text)) from ' || c.oid::regclass
               || ' t', true, false, '')::text), E'\\n' order by c.relname)
      from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
      """;

  /** A store that goes away in the middle of a backup. */
  private static final class Leaving extends WrappedStore {
    final Queue<String> packs = new ConcurrentLinkedQueue<>();
    volatile int leaveAfter = Integer.MAX_VALUE;
    volatile boolean away;
    volatile boolean written;
    volatile Runnable atLeaving = () -> {};

    Leaving(ObjectStore store) {
      super(store);
    }

    private void requireHere() throws IOException {
      if (away) {
        throw new IOException("no route to host");
      }
    }

    @Override
    public void put(String name, byte[] bytes) throws IOException {
      requireHere();
      if (name.contains("/data")) {
        if (packs.size() >= leaveAfter) {
          awaitJournal();
          away = true;
          atLeaving.run();
          requireHere();
        }
        super.put(name, bytes);
        packs.add(name);
      } else {
        super.put(name, bytes);
        written |= name.contains("/journal") && packs.size() >= leaveAfter;
      }
    }

    /** Of all that was put. */
    private void awaitJournal() throws IOException {
      try {
        for (int i = 0; i < 1000 && !written; i++) {
          Thread.sleep(10);
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void delete(String name) throws IOException {
      requireHere();
      super.delete(name);
    }
  }

  private final TestFolder folder = TestFolder.create();
  private final List<AutoCloseable> opened = new ArrayList<>(List.of(folder));
  private final TestPostgres server = keep(TestPostgres.start(SMALL));
  private final long system = server.server().data().control().systemIdentifier();
  private final Leaving store = new Leaving(new FolderStore(folder.resolve("repository")));
  private final Archive archive = open(store);
  private final Archive sound = open(new FolderStore(folder.resolve("repository")));
  private final WalArchive wal = new WalArchive(sound, SegmentName.USUAL_SIZE);
  private final WalArchiver archiver =
      keep(
          new WalArchiver(
              wal,
              () -> Optional.of(server.settings("postgres")),
              "archive",
              system,
              Duration.ofMillis(100)));
  private int made;

  private <T extends AutoCloseable> T keep(T one) {
    opened.addFirst(one);
    return one;
  }

  private Archive open(ObjectStore of) {
    return Archive.open(of, new Archive.Owner("shop", "main", system), KEY);
  }

  @BeforeEach
  void start() {
    archiver.start();
  }

  @AfterEach
  void clear() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private void sql(String... statements) {
    for (String statement : statements) {
      server.sql(statement);
    }
  }

  /** Two tables of five packs each, which nobody changes by reading them. */
  private void fill(String... tables) {
    for (String table : tables) {
      sql(
          "create table "
              + table
              + " as select i, md5(i::text) || md5((i + 7)::text) v"
              + " from generate_series(1, 400000) i",
          "vacuum freeze " + table);
    }
    sql("checkpoint");
  }

  private Taking taking(Patience patience) {
    return new Taking(archive, InstantSource.system(), 2, true, patience);
  }

  private Manifest full(Patience patience) {
    return taking(patience).take(server.settings("postgres"), "n1", system, _ -> {});
  }

  private Manifest incremental(Manifest prior) throws IncrementalRefusedException {
    return taking(NONE).incremental(server.settings("postgres"), "n1", system, prior, _ -> {});
  }

  private String restored(Manifest begin) throws InterruptedException {
    while (!archiver.state().end().reaches(begin.finish())) {
      Thread.sleep(10);
    }
    RecoveryTarget target = new RecoveryTarget.Position(begin.finish());
    RestorePlan plan = RestorePlan.of(List.of(begin), wal, target);
    Server into =
        new Server(
            TestInstallations.embedded(),
            folder.resolve("restored-" + made++),
            TestInstallations.user());
    ServerConfig config = ServerConfig.loopback(FreePorts.one()).withUserSettings(SMALL);
    Restoring restoring = new Restoring(sound, wal, 2, PATIENCE);
    restoring.unpack(into, plan, _ -> {});
    restoring.recover(into, config, plan, target);
    ConnectSettings settings =
        ConnectSettings.of("127.0.0.1", config.port(), "postgres", TestPostgres.USER)
            .withPassword(TestPostgres.PASSWORD);
    try (Connection connection = Connection.open(settings)) {
      return String.valueOf(connection.query(CONTENT).getLast().onlyRow().get(0));
    } catch (IOException | PostgresException e) {
      throw new IllegalStateException(e);
    } finally {
      into.stop(StopMode.IMMEDIATE, Duration.ofSeconds(20));
    }
  }

  private List<String> findings() {
    return new Verification(sound)
        .run(_ -> {}).findings().stream().map(Verification.Finding::message).toList();
  }

  /** What was put of a backup that breaks off after so many packs. */
  private List<String> broken(int packs, Runnable backup) {
    store.packs.clear();
    store.written = false;
    store.leaveAfter = packs;
    assertThatThrownBy(backup::run)
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("no route to host")
        .satisfies(e ->
            assertThat(((BackupException) e).hint())
                .endsWith("The next one goes on with what was put."));
    store.away = false;
    store.leaveAfter = Integer.MAX_VALUE;
    List<String> put = List.copyOf(store.packs);
    store.packs.clear();
    return put;
  }

  private void requireWentOn(Manifest whole, List<String> before, int least) {
    int carried = whole.resumed().orElseThrow().carried();
    assertThat(before.getFirst()).contains("/" + whole.id() + "/");
    assertThat(carried).isGreaterThanOrEqualTo(least);
    assertThat(store.packs)
        .hasSize(whole.packs().size() - carried)
        .doesNotContainAnyElementsOf(before);
    assertThat(sound.list("backups/" + whole.id())).hasSize(whole.packs().size() + 1);
    assertThat(findings()).isEmpty();
  }

  @Test
  void aBackupThatTheStoreBrokeIsGoneOnWithThoughTablesWereChangedAndGrew() throws Exception {
    fill("still", "changed", "grown");
    sql("update pg_database set datistemplate = false", "drop database template0");
    List<String> put = broken(14, () -> full(NONE));
    assertThat(findings()).isEmpty();
    sql(
        "update changed set v = 'x' where i = 7",
        "insert into grown select i, 'new' from generate_series(1, 100000) i",
        "create table added as select i from generate_series(1, 1000) i");
    Manifest whole = full(NONE);
    requireWentOn(whole, put, 4);
    assertThat(restored(whole)).isEqualTo(server.sql(CONTENT));
    // The one after it is a backup of its own.
    Manifest after = full(NONE);
    assertThat(after.resumed()).isEmpty();
    assertThat(new Backups(sound).all()).containsExactly(whole, after);
  }

  @Test
  void anIncrementalBackupIsGoneOnWithToo() throws Exception {
    fill("old");
    Manifest prior = full(NONE);
    fill("still", "other");
    sql("update old set v = 'x' where i % 1000 = 7");
    List<String> put =
        broken(
            5,
            () -> {
              try {
                incremental(prior);
              } catch (IncrementalRefusedException e) {
                throw new IllegalStateException(e);
              }
            });
    sql("update old set v = 'y' where i % 1000 = 8");
    Manifest whole = incremental(prior);
    assertThat(whole.prior()).contains(prior.id());
    requireWentOn(whole, put, 2);
    assertThat(restored(whole)).isEqualTo(server.sql(CONTENT));
  }

  @Test
  void aStoreThatIsAwayForATimeIsWaitedFor() throws Exception {
    fill("still");
    store.leaveAfter = 3;
    store.written = true;
    store.atLeaving =
        () -> {
          store.leaveAfter = Integer.MAX_VALUE;
          CompletableFuture.delayedExecutor(1500, TimeUnit.MILLISECONDS)
              .execute(() -> store.away = false);
        };
    Manifest whole = full(new Patience(Duration.ofMinutes(1), Duration.ofMillis(50)));
    assertThat(whole.resumed()).isEmpty();
    assertThat(restored(whole)).isEqualTo(server.sql(CONTENT));
    assertThat(sound.list("backups/" + whole.id())).hasSize(whole.packs().size() + 1);
  }

  @Test
  void whatAnInterruptedBackupHasPutIsGoneOnWith() throws Exception {
    fill("still");
    CountDownLatch some = new CountDownLatch(1);
    store.leaveAfter = 4;
    store.written = true;
    store.atLeaving = some::countDown;
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread taking =
        Thread.ofPlatform()
            .start(() -> {
              try {
                full(Patience.USUAL);
                end.complete(new AssertionError("it was taken"));
              } catch (Throwable e) {
                end.complete(e);
              }
            });
    some.await();
    store.leaveAfter = Integer.MAX_VALUE;
    List<String> put = List.copyOf(store.packs);
    store.packs.clear();
    store.away = false;
    taking.interrupt();
    assertThat(end.get())
        .hasMessageEndingWith("was interrupted.")
        .satisfies(e ->
            assertThat(((BackupException) e).hint())
                .isEqualTo(
                    "There is no such backup; take another. The next one goes on with what was"
                        + " put."));
    assertThat(new Backups(sound).all()).isEmpty();
    store.packs.clear();
    Manifest whole = full(Patience.USUAL);
    assertThat(whole.resumed().orElseThrow().carried()).isPositive();
    assertThat(store.packs).doesNotContainAnyElementsOf(put);
  }
}
