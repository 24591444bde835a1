package io.pgfleet.backup.keep;

import static io.pgfleet.backup.wal.FabricatedWal.SIZE;
import static io.pgfleet.backup.wal.FabricatedWal.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.FabricatedBackups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.keep.Verification.Finding;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.store.WrappedStore;
import io.pgfleet.backup.wal.FabricatedWal;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.wire.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class VerificationTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final Optional<UserKey> KEY =
      Optional.of(UserKey.parse("0f".repeat(UserKey.BYTES), "the test"));
  private static final String FOLDER = "shop/main/7/";

  @TempDir private Path folder;

  private static Archive archive(ObjectStore store, Optional<UserKey> key) {
    return Archive.open(store, new Archive.Owner("shop", "main", 7), key);
  }

  private static List<Finding> findings(Archive archive) {
    return new Verification(archive).run(_ -> {}).findings();
  }

  /** Two backups, timelines 1 and 2, pieces of the last segment of each, and lost WAL before. */
  private static Archive filled(ObjectStore store, Optional<UserKey> key) {
    Archive archive = archive(store, key);
    FabricatedWal wal = new FabricatedWal(new WalArchive(archive, SIZE));
    FabricatedBackups backups = new FabricatedBackups(archive, SIZE);
    wal.whole(1, 1);
    wal.gap(1, at(2, 0), at(3, 0));
    backups.put(NOW, NOW, 1, at(3, 40), at(3, 80), 2);
    wal.whole(1, 3, 5);
    wal.piece(1, 5, 0, 700);
    wal.piece(1, 5, 700, 1000);
    wal.history(2, at(5, 1000));
    wal.whole(2, 5, 7);
    backups.put(NOW.plusSeconds(60), NOW.plusSeconds(70), 2, at(5, 2000), at(6, 80), 2);
    wal.piece(2, 7, 0, 300);
    return archive;
  }

  @Test
  void aFlippedByteIsFoundInEveryObject() throws Exception {
    Random random = new Random(8);
    for (Optional<UserKey> key : List.of(KEY, Optional.<UserKey>empty())) {
      ObjectStore store = new FolderStore(folder.resolve("encrypted-" + key.isPresent()));
      Archive archive = filled(store, key);
      assertThat(findings(archive)).isEmpty();
      List<ObjectStore.Listed> all = store.list("shop");
      assertThat(all).hasSize(6 + 5 + 3 + 2 + (key.isPresent() ? 1 : 0));
      for (ObjectStore.Listed one : all) {
        byte[] whole = store.get(one.name());
        byte[] flipped = whole.clone();
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        store.put(one.name(), flipped);
        assertThat(findings(archive))
            .as(one.name())
            .singleElement()
            .satisfies(finding -> {
              assertThat(finding.kind()).isEqualTo(Kind.DAMAGED);
              assertThat(one.name()).isIn(finding.object(), FOLDER + finding.object());
            });
        store.put(one.name(), whole);
      }
      assertThat(findings(archive)).isEmpty();
    }
  }

  @Test
  void whatIsNeededAndNotThereIsFoundInEveryObject() throws Exception {
    ObjectStore store = new MemoryStore();
    Archive archive = filled(store, KEY);
    List<String> missed =
        store.list("shop").stream()
            .map(ObjectStore.Listed::name)
            .filter(name -> {
              try {
                byte[] whole = store.get(name);
                store.delete(name);
                boolean clean = findings(archive).isEmpty();
                store.put(name, whole);
                return clean;
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            })
            .toList();
    // Without its manifest a backup is none; without its last piece a segment ends before; the
    // timeline that follows begins with a copy of what the one before had of its segment; and of
    // what lies before the first backup nothing is needed.
    assertThat(missed)
        .hasSize(7)
        .allMatch(name ->
            name.endsWith("/manifest")
                || name.endsWith("/000000010000000000000001")
                || name.contains("/000000010000000000000005.part/")
                || name.endsWith("/000000020000000000000007.part/00000000-0000012C")
                || name.contains("/gap-"));
  }

  @Test
  void aPackInAnothersPlaceIsFound() throws Exception {
    ObjectStore store = new MemoryStore();
    Archive archive = filled(store, Optional.empty());
    Manifest backup = new Backups(archive).all().getFirst();
    String first = Manifest.pack(backup.id(), 0);
    store.put(FOLDER + first, store.get(FOLDER + Manifest.pack(backup.id(), 1)));
    assertThat(findings(archive))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.object()).isEqualTo(first);
          assertThat(finding.message()).contains("another has its place");
          assertThat(finding.backup()).contains(backup.id());
        });
  }

  @Test
  void missingAndLostWalIsFoundWhereItBreaksAChain() {
    Archive archive = archive(new MemoryStore(), Optional.empty());
    FabricatedWal wal = new FabricatedWal(new WalArchive(archive, SIZE));
    new FabricatedBackups(archive, SIZE).put(NOW, 1, at(3, 40));
    wal.whole(1, 3, 5);
    wal.gap(1, at(5, 0), at(7, 0));
    wal.whole(1, 7, 9);
    wal.whole(1, 10);
    assertThat(findings(archive))
        .extracting(Finding::object)
        .containsExactly(
            "wal/00000001/000000010000000000000005", "wal/00000001/000000010000000000000009");
    assertThat(findings(archive))
        .extracting(Finding::message)
        .satisfiesExactly(
            lost -> assertThat(lost).contains("gone from the server"),
            missing -> assertThat(missing).contains("there is more behind"));
  }

  @Test
  void whatGoesWhileItIsReadIsNotMissing() throws Exception {
    ObjectStore store = new MemoryStore();
    Archive archive = filled(store, KEY);
    WalArchive wal = new WalArchive(archive, SIZE);
    String oldest = new Backups(archive).ids().getFirst();
    AtomicBoolean first = new AtomicBoolean(true);
    ObjectStore live =
        new WrappedStore(store) {
          @Override
          public byte[] get(String name) throws IOException {
            if (name.contains("/wal/") && first.getAndSet(false)) {
              // All was listed, and nothing of it was read.
              new FabricatedWal(wal).whole(2, 7);
              new Backups(archive).delete(oldest);
              super.delete(FOLDER + "wal/00000001/000000010000000000000003");
            }
            return super.get(name);
          }
        };
    assertThat(findings(archive(live, KEY))).isEmpty();
    assertThat(first).isFalse();
  }

  @Test
  void anArchiveThatIsWrittenToHasNoFindings() throws Exception {
    ObjectStore store = new MemoryStore();
    FabricatedCluster cluster = new FabricatedCluster(store, KEY, new Random(5));
    cluster.backup();
    Expiry expiry = new Expiry(cluster.archive, cluster.wal);
    Retention three = new Retention(Optional.of(3), Optional.empty(), Optional.empty());
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(() -> {
          for (int step = 0; step < 80; step++) {
            cluster.write();
            if (step % 5 == 0) {
              cluster.backup();
            }
            if (step % 7 == 0) {
              cluster.failOver(false);
            }
            if (step % 9 == 0) {
              expiry.run(expiry.plan(three, cluster.now), _ -> {});
            }
          }
        });
    while (!writer.isDone()) {
      assertThat(findings(cluster.archive)).isEmpty();
    }
    writer.get();
    assertThat(findings(cluster.archive)).isEmpty();
  }

  @Test
  void aCoverageSaysHowFarEachBackupReaches() {
    Archive archive = archive(new MemoryStore(), Optional.empty());
    WalArchive held = new WalArchive(archive, SIZE);
    FabricatedWal wal = new FabricatedWal(held);
    FabricatedBackups backups = new FabricatedBackups(archive, SIZE);
    assertThat(Coverage.of(archive, held).backups()).isEmpty();
    Manifest first = backups.put(NOW, 1, at(3, 40));
    wal.whole(1, 3, 5);
    wal.gap(1, at(5, 0), at(7, 0));
    wal.whole(1, 7);
    Manifest second = backups.put(NOW.plusSeconds(60), 1, at(7, 90));
    Manifest left = backups.put(NOW.plusSeconds(120), 1, at(8, 500));
    Manifest lacking = backups.put(NOW.plusSeconds(180), 1, at(7, 95));
    archive.delete(Manifest.pack(lacking.id(), 0));
    wal.piece(1, 8, 0, 400);
    wal.history(2, at(8, 400));
    wal.piece(2, 8, 0, 900);
    Coverage coverage = Coverage.of(archive, held);
    assertThat(coverage.timeline()).isEqualTo(2);
    assertThat(coverage.gaps()).singleElement().matches(gap -> gap.lost());
    assertThat(coverage.backups())
        .extracting(Coverage.Reach::backup)
        .containsExactly(first, second, left, lacking);
    assertThat(coverage.backups())
        .extracting(Coverage.Reach::usable)
        .containsExactly(true, true, false, false);
    assertThat(coverage.backups().getFirst())
        .satisfies(reach -> {
          assertThat(reach.end()).isEqualTo(at(5, 0));
          assertThat(reach.timeline()).isEqualTo(1);
          assertThat(reach.missing()).contains(coverage.gaps().getFirst());
        });
    Lsn end = at(8, 900);
    assertThat(coverage.backups().get(1))
        .isEqualTo(new Coverage.Reach(second, Optional.empty(), 2, end, Optional.empty()));
    assertThat(coverage.backups().get(2).unusable().orElseThrow())
        .contains("timeline 1 at " + at(8, 500) + " is not on the way to timeline 2");
    assertThat(coverage.backups().get(3).unusable().orElseThrow()).contains(lacking.id());
  }

  /** Of the lists of WAL each is told before it is made. */
  private static ObjectStore listing(ObjectStore store, IntFunction<Predicate<String>> hidden) {
    AtomicInteger lists = new AtomicInteger();
    return new WrappedStore(store) {
      @Override
      public List<Listed> list(String folder) throws IOException {
        if (!folder.endsWith("/wal")) {
          return super.list(folder);
        }
        Predicate<String> hides = hidden.apply(lists.getAndIncrement());
        return super.list(folder).stream().filter(one -> !hides.test(one.name())).toList();
      }
    };
  }

  @Test
  void whatIsPutWhileItIsListedIsNoGap() {
    ObjectStore store = new MemoryStore();
    Archive archive = archive(store, Optional.empty());
    FabricatedWal wal = new FabricatedWal(new WalArchive(archive, SIZE));
    new FabricatedBackups(archive, SIZE).put(NOW, 1, at(3, 40));
    wal.whole(1, 3, 12);
    Archive torn =
        archive(
            listing(store, list -> name -> name.endsWith("%08X".formatted(4 + list))),
            Optional.empty());
    assertThat(Coverage.of(torn, new WalArchive(torn, SIZE)).gaps()).isEmpty();
    assertThat(findings(torn)).isEmpty();
  }

  @Test
  void whatExpiresWhileItIsListedIsNoGap() {
    ObjectStore store = new MemoryStore();
    Archive archive = archive(store, Optional.empty());
    FabricatedWal wal = new FabricatedWal(new WalArchive(archive, SIZE));
    FabricatedBackups backups = new FabricatedBackups(archive, SIZE);
    Manifest first = backups.put(NOW, 1, at(3, 40));
    wal.whole(1, 3, 12);
    Manifest second = backups.put(NOW.plusSeconds(60), 1, at(8, 0));
    Archive expiring =
        archive(
            listing(
                store,
                list -> {
                  if (list == 0) {
                    new Backups(archive).delete(first.id());
                    archive.delete("wal/00000001/000000010000000000000005");
                  }
                  return _ -> false;
                }),
            Optional.empty());
    Coverage coverage = Coverage.of(expiring, new WalArchive(expiring, SIZE));
    assertThat(coverage.gaps()).isEmpty();
    assertThat(coverage.backups()).extracting(Coverage.Reach::backup).containsExactly(second);
  }
}
