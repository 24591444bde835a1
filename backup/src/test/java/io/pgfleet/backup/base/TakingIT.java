package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.store.WrappedStore;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestInstallations;
import io.pgfleet.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backups of a real server that break off. */
@Timeout(120)
@Tag("together")
class TakingIT {
  private final TestFolder folder = TestFolder.create();
  private final TestPostgres server = TestPostgres.start();
  private final long system = server.server().data().control().systemIdentifier();
  private final ObjectStore store = new FolderStore(folder.resolve("repository"));

  @AfterEach
  void clear() {
    server.close();
    folder.close();
  }

  private Archive archive(ObjectStore of) {
    return Archive.open(of, new Archive.Owner("shop", "main", system), Optional.empty());
  }

  private Manifest take(ObjectStore into, boolean fast) {
    return new Taking(archive(into), InstantSource.system(), 2, fast)
        .take(server.settings("postgres"), "n1", system, _ -> {});
  }

  private List<Path> files() throws IOException {
    Path repository = folder.resolve("repository");
    if (!Files.exists(repository)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(repository)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  /** Takes a backup, and interrupts it when told. */
  private void interrupted(ObjectStore into, boolean fast, CountDownLatch when) throws Exception {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread taking =
        Thread.ofPlatform()
            .start(() -> {
              try {
                take(into, fast);
                end.completeExceptionally(new AssertionError("it was taken"));
              } catch (Throwable e) {
                end.complete(Thread.currentThread().isInterrupted() ? e : new AssertionError(e));
              }
            });
    when.await();
    long begin = System.nanoTime();
    taking.interrupt();
    assertThat(end.get())
        .isInstanceOf(BackupException.class)
        .hasMessageEndingWith("was interrupted.")
        .hasNoSuppressedExceptions();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    assertThat(files()).isEmpty();
  }

  @Test
  void whoIsInterruptedWhileTheServerIsSilentEndsAtOnce() throws Exception {
    // A checkpoint that takes its time has one page every tenth of a second.
    server.sql("create table t as select repeat('x', 4000) from generate_series(1, 4000)");
    CountDownLatch silent = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(() -> {
          while (server
              .sql(
                  "select count(*) from pg_stat_progress_basebackup where phase like '%checkpoint%'")
              .equals("0")) {
            // until it waits for that
          }
          silent.countDown();
        });
    interrupted(store, false, silent);
  }

  @Test
  void whoIsInterruptedWhileTheStoreIsSlowDeletesWhatWasPut() throws Exception {
    CountDownLatch put = new CountDownLatch(2);
    ObjectStore slow =
        new WrappedStore(store) {
          @Override
          public void put(String name, byte[] bytes) throws IOException {
            super.put(name, bytes);
            put.countDown();
            try {
              Thread.sleep(60_000);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
    interrupted(slow, true, put);
  }

  @Test
  void whyItBrokeOffIsToldEvenIfNothingCanBeDeleted() {
    ObjectStore failing =
        new WrappedStore(store) {
          private boolean full;

          // Whoever fails would interrupt who puts the first pack.
          @Override
          public synchronized void put(String name, byte[] bytes) throws IOException {
            if (full) {
              throw new IOException("No space left on device");
            }
            full = true;
            super.put(name, bytes);
          }

          @Override
          public void delete(String name) throws IOException {
            throw new IOException("Read-only file system");
          }
        };
    assertThatThrownBy(() -> take(failing, true))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("No space left on device")
        .satisfies(e ->
            assertThat(e.getSuppressed())
                .anySatisfy(other -> assertThat(other).hasMessageContaining("Read-only")));
  }

  @Test
  void walThatIsWrittenWhileTheStoreIsSlowIsKept() throws Exception {
    server.sql("alter system set max_wal_size = '32MB'");
    server.sql("alter system set min_wal_size = '32MB'");
    server.sql("select pg_reload_conf()");
    CountDownLatch put = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ObjectStore slow =
        new WrappedStore(store) {
          @Override
          public void put(String name, byte[] bytes) throws IOException {
            put.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            super.put(name, bytes);
          }
        };
    CompletableFuture<Manifest> taken = CompletableFuture.supplyAsync(() -> take(slow, true));
    put.await();
    for (int i = 0; i < 6; i++) {
      server.sql("create table t" + i + " as select 1");
      server.sql("select pg_switch_wal()");
      server.sql("checkpoint");
    }
    goOn.countDown();
    Manifest manifest = taken.get();
    String first = SegmentName.of(manifest.timeline(), manifest.start(), manifest.segment()).file();
    assertThat(manifest.files()).extracting(Manifest.PackedFile::name).contains("pg_wal/" + first);
    // Nothing is kept for it any more.
    for (int i = 0; i < 100; i++) {
      if (server.sql("select count(*) from pg_replication_slots").equals("0")) {
        return;
      }
      Thread.sleep(50);
    }
    assertThat(server.sql("select slot_name from pg_replication_slots")).isEmpty();
  }

  @Test
  void aPackThatTookAnothersPlaceIsFound() throws Exception {
    Manifest manifest = take(store, true);
    assertThat(manifest.segment()).isEqualTo(16 << 20);
    assertThat(manifest.checksums()).hasSameSizeAs(manifest.packs()).doesNotHaveDuplicates();
    Archive archive = archive(store);
    byte[] other = archive.get(Manifest.pack(manifest.id(), 0));
    other[other.length - 1] ^= 1;
    archive.put(Manifest.pack(manifest.id(), 0), other);
    Path target = Files.createDirectory(folder.resolve("data"));
    assertThatThrownBy(() ->
            new Unpacking(archive, 2).into(target, manifest, TestInstallations.user(), _ -> {}))
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED))
        .hasMessageContaining("another has its place");
  }
}
