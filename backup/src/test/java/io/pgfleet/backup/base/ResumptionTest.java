package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Journal.Entry;
import io.pgfleet.backup.base.Manifest.Resumed;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.store.WrappedStore;
import io.pgfleet.wire.Lsn;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attempts of no server, each with a few small packs. */
@Timeout(30)
class ResumptionTest {
  private static final Duration SILENCE = Duration.ofSeconds(3);
  private static final Optional<String> FULL = Optional.empty();
  private final RuntimeException why = new IllegalStateException("it broke off");

  private final MemoryStore store = new MemoryStore();
  private final Archive archive = open(store);
  private final Backups backups = new Backups(archive);
  private volatile Instant now = Instant.parse("2026-11-22T12:00:00Z");

  private static Archive open(ObjectStore store) {
    return Archive.open(store, new Archive.Owner("shop", "main", 7), Optional.empty());
  }

  /** One that puts packs, and does what it is told. */
  private final class Going {
    final Resumption begin;
    final Optional<String> prior;
    final Journaling journal;
    final PackDesk desk;
    final List<Entry> put = new ArrayList<>();
    final List<String> contents = new ArrayList<>();

    Going(Resumption begin, Optional<String> prior) {
      this.begin = begin;
      this.prior = prior;
      this.journal = new Journaling(archive, () -> now, begin, prior);
      this.desk = new PackDesk(begin, new Outage(Duration.ZERO), journal::add);
    }

    Going pack(String... some) {
      for (String content : some) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        ByteBuffer pack = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        put.add(desk.put(archive.writer(bytes.length, Arena.ofAuto()), put.size(), pack));
        contents.add(content);
      }
      return this;
    }

    String id() {
      return begin.attempt().id();
    }

    Manifest complete() {
      boolean further = !begin.attempt().isFirst();
      Manifest manifest =
          new Manifest(
              Manifest.format(prior.isPresent(), further),
              id(),
              7,
              "18.6",
              "n1",
              1,
              Lsn.ZERO,
              Lsn.ZERO,
              1,
              now,
              now,
              0,
              put.stream().mapToLong(Entry::bytes).sum(),
              List.of(),
              List.of(),
              put.stream().map(Entry::length).toList(),
              0,
              put.stream().map(Entry::checksum).toList(),
              prior,
              further
                  ? Optional.of(
                      new Resumed(desk.carried(), put.stream().map(Entry::object).toList()))
                  : Optional.empty());
      backups.complete(manifest, !journal.isKnown());
      return manifest;
    }
  }

  private Going first(Optional<String> prior) {
    return new Going(Resumption.none(Backups.name(now, prior.isPresent())), prior);
  }

  private Optional<Going> next(Optional<String> prior) throws InterruptedException {
    return next(archive, prior);
  }

  private Optional<Going> next(Archive of, Optional<String> prior) throws InterruptedException {
    return new Unfinished(of, () -> now, SILENCE)
        .takeOver(prior)
        .map(begin -> new Going(begin, prior));
  }

  private Going broken(String... packs) {
    Going attempt = first(FULL).pack(packs);
    assertThat(attempt.journal.keep(why)).isTrue();
    now = now.plusSeconds(60);
    return attempt;
  }

  private List<String> objects() {
    return archive.list("backups").stream().map(Listed::name).toList();
  }

  /** Whether the backup is there, and each of its packs. */
  private void requireSound(Going attempt) {
    Manifest manifest = backups.find(attempt.id()).orElseThrow();
    List<String> read = new ArrayList<>();
    for (int pack = 0; pack < manifest.packs().size(); pack++) {
      read.add(new String(Unpacking.pack(archive, manifest, pack), StandardCharsets.UTF_8));
    }
    assertThat(read).isEqualTo(attempt.contents);
  }

  @Test
  void whatIsThereIsNotPutAgainWhateverItsNumber() throws Exception {
    Going broken = broken("a", "b", "c", "zeros", "zeros");
    Going next = next(FULL).orElseThrow().pack("new", "c", "zeros", "a", "zeros", "zeros", "other");
    Manifest whole = next.complete();
    assertThat(whole.id()).isEqualTo(broken.id());
    assertThat(whole.resumed().orElseThrow().carried()).isEqualTo(4);
    assertThat(whole.format()).isEqualTo(Manifest.RESUMED_FORMAT);
    assertThat(whole.packObjects()).doesNotHaveDuplicates();
    assertThat(backups.all()).containsExactly(whole);
    requireSound(next);
    // Nothing is left that it does not need.
    List<String> needed = new ArrayList<>(whole.packObjects());
    needed.add(Manifest.object(whole.id()));
    assertThat(objects()).containsExactlyInAnyOrderElementsOf(needed);
    assertThat(whole.stored())
        .isEqualTo(
            archive.list("backups").stream()
                .filter(object -> !Manifest.isManifest(object.name()))
                .mapToLong(Listed::size)
                .sum());
  }

  @Test
  void aThirdAttemptHasWhatBothHadPut() throws Exception {
    Going broken = broken("a", "b", "c");
    Going second = next(FULL).orElseThrow().pack("b", "d");
    assertThat(second.journal.keep(why)).isTrue();
    now = now.plusSeconds(60);
    Going third = next(FULL).orElseThrow().pack("d", "c", "b", "a");
    assertThat(third.desk.carried()).isEqualTo(4);
    third.complete();
    requireSound(third);
    assertThat(third.id()).isEqualTo(broken.id());
  }

  @Test
  void onlyWhatIsThereAsItWasPutIsTakenOver() throws Exception {
    Going broken = broken("a", "b", "c");
    archive.delete(Manifest.pack(broken.id(), 0));
    archive.put(
        Manifest.pack(broken.id(), 1),
        "something that is not as long".getBytes(StandardCharsets.UTF_8));
    Going next = next(FULL).orElseThrow();
    assertThat(next.begin.packs()).extracting(Entry::object).containsExactly("data/00000002");
    next.pack("a", "b", "c").complete();
    requireSound(next);
  }

  @Test
  void nothingIsTakenOverWithoutAJournalThatCanBeRead() throws Exception {
    Going broken = broken("a", "b");
    String journal = broken.begin.attempt().journal();
    byte[] sealed = store.get("shop/main/7/" + journal);
    sealed[sealed.length / 2] ^= 1;
    store.put("shop/main/7/" + journal, sealed);
    assertThat(next(FULL)).isEmpty();
    for (String wrong : new String[] {"", "{}", "[]", "{\"format\":2}"}) {
      archive.put(journal, wrong.getBytes(StandardCharsets.UTF_8));
      assertThat(next(FULL)).as(wrong).isEmpty();
    }
    archive.delete(journal);
    assertThat(next(FULL)).isEmpty();
    assertThat(objects()).hasSize(2);
  }

  /** Their hashes could be the same by chance, and would mean nothing. */
  @Test
  void journalsWithDifferentKeysAreOfNoUse() throws Exception {
    Going broken = broken("a");
    new Journal(Journal.FORMAT, broken.id(), FULL, now, "another", true, List.of())
        .put(archive, Attempt.further(broken.id(), now));
    now = now.plusSeconds(60);
    assertThat(next(FULL)).isEmpty();
  }

  @Test
  void anotherKindOrAnotherPriorIsNotTakenOver() throws Exception {
    Optional<String> prior = Optional.of("20261121T000000Z-full-0000");
    Going incremental = first(prior).pack("a");
    assertThat(incremental.journal.keep(why)).isTrue();
    assertThat(next(FULL)).isEmpty();
    assertThat(next(Optional.of("20261121T000000Z-full-0001"))).isEmpty();
    assertThat(next(prior)).isPresent();
    broken("b");
    assertThat(next(FULL).orElseThrow().begin.packs()).hasSize(1);
  }

  @Test
  void oneThatIsTooOldOrBegunBeforeAWholeOneIsNotTakenOver() throws Exception {
    Going broken = broken("a");
    Instant soon = now;
    now = now.plus(Duration.ofHours(20));
    assertThat(next(FULL)).isEmpty();
    now = soon;
    Going whole = first(FULL).pack("b");
    whole.complete();
    now = now.plusSeconds(60);
    assertThat(next(FULL)).isEmpty();
    backups.delete(whole.id());
    assertThat(next(FULL).orElseThrow().id()).isEqualTo(broken.id());
  }

  /** The age is that of the last attempt. */
  @Test
  void oneThatIsGoneOnWithIsNoRestOfYesterday() throws Exception {
    Going broken = broken("a");
    List<Listed> rest = archive.list("backups");
    Instant began = Backups.began(broken.id()).orElseThrow();
    assertThat(Backups.lastBegan(broken.id(), rest)).contains(began);
    now = now.plus(Duration.ofHours(19));
    assertThat(next(FULL)).isPresent();
    assertThat(Backups.lastBegan(broken.id(), archive.list("backups"))).contains(now);
  }

  @Test
  void oneThatIsAtWorkIsNotTakenOverAndOneThatIsSilentIs() throws Exception {
    Going working = first(FULL).pack("a");
    working.journal.start(Duration.ofMillis(20));
    Thread clock = Thread.ofVirtual().start(() -> tick());
    while (objects().size() < 2) {
      Thread.sleep(5);
    }
    assertThat(next(FULL)).isEmpty();
    working.journal.close();
    clock.interrupt();
    clock.join();
    assertThat(next(FULL).orElseThrow().begin.packs()).hasSize(1);
  }

  private void tick() {
    try {
      while (true) {
        now = now.plusMillis(1);
        Thread.sleep(1);
      }
    } catch (InterruptedException e) {
      // that was it
    }
  }

  @Test
  void ofTwoThatGoOnAtOnceNoneDoesIfTheyMeet() throws Exception {
    Going broken = broken("a");
    Attempt other = Attempt.further(broken.id(), now);
    boolean[] met = {false};
    ObjectStore meeting =
        new WrappedStore(store) {
          @Override
          public void put(String name, byte[] bytes) throws IOException {
            super.put(name, bytes);
            if (name.contains("/journal-") && !met[0]) {
              met[0] = true;
              new Journal(Journal.FORMAT, broken.id(), FULL, now, "key", false, List.of())
                  .put(archive, other);
            }
          }
        };
    assertThat(next(open(meeting), FULL)).isEmpty();
    assertThat(objects())
        .containsExactlyInAnyOrder(
            Manifest.pack(broken.id(), 0), broken.begin.attempt().journal(), other.journal());
  }

  @Test
  void whoWakesAfterAnotherHasEndedChangesNothing() throws Exception {
    Going old = first(FULL).pack("a", "b");
    old.journal.keep(why); // as if written by the way
    now = now.plusSeconds(60);
    Going next = next(FULL).orElseThrow().pack("a", "x", "y");
    Manifest whole = next.complete();
    old.pack("c");
    assertThatThrownBy(() -> old.complete())
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MISSING));
    old.journal.withdraw(why);
    assertThat(backups.all()).containsExactly(whole);
    requireSound(next);
    assertThat(objects()).hasSize(4);
  }

  @Test
  void whoWakesAndHasAllItsPacksIsTooLateToo() throws Exception {
    Going old = first(FULL).pack("a");
    old.journal.keep(why);
    now = now.plusSeconds(60);
    Going next = next(FULL).orElseThrow().pack("a", "x");
    Manifest whole = next.complete();
    assertThatThrownBy(() -> old.complete())
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("was made whole by another");
    old.journal.withdraw(why);
    assertThat(backups.all()).containsExactly(whole);
    requireSound(next);
  }

  @Test
  void whoWakesAndBreaksOffLeavesWhatAnotherGoesOnWith() throws Exception {
    Going old = first(FULL).pack("a", "b");
    old.journal.keep(why);
    now = now.plusSeconds(60);
    Going next = next(FULL).orElseThrow().pack("a");
    old.pack("c");
    old.journal.withdraw(why);
    next.pack("b", "z").complete();
    requireSound(next);
  }

  @Test
  void whoWakesAndEndsFirstHasTakenTheBackup() throws Exception {
    Going old = first(FULL).pack("a", "b");
    old.journal.keep(why);
    now = now.plusSeconds(60);
    Going next = next(FULL).orElseThrow().pack("a", "z");
    Manifest whole = old.complete();
    assertThatThrownBy(() -> next.complete()).isInstanceOf(BackupException.class);
    next.journal.withdraw(why);
    assertThat(backups.all()).containsExactly(whole);
    requireSound(old);
  }

  @Test
  void whatNobodyKnowsOfIsDeleted() {
    Going attempt = first(FULL).pack("a", "b");
    attempt.journal.withdraw(why);
    assertThat(objects()).isEmpty();
  }

  @Test
  void anAttemptThatPutNothingLeavesWhatItFound() throws Exception {
    Going broken = broken("a");
    List<String> before = objects();
    Going next = next(FULL).orElseThrow().pack("a");
    assertThat(next.journal.keep(why)).isTrue();
    assertThat(objects()).isEqualTo(before);
    assertThat(next(FULL).orElseThrow().id()).isEqualTo(broken.id());
  }

  @Test
  void withoutAJournalWhatWasPutIsDeleted() {
    ObjectStore failing =
        new WrappedStore(store) {
          @Override
          public void put(String name, byte[] bytes) throws IOException {
            if (name.endsWith("/journal")) {
              throw new IOException("gone");
            }
            super.put(name, bytes);
          }
        };
    Resumption begin = Resumption.none(Backups.name(now, false));
    Journaling journal = new Journaling(open(failing), () -> now, begin, FULL);
    Entry pack = new Going(begin, FULL).pack("a").put.getFirst();
    journal.add(pack);
    assertThat(journal.keep(why)).isFalse();
    assertThat(objects()).isEmpty();
  }

  @Test
  void aManifestThatNeedsNotTellNamesHasTheVersionThatAllCanRead() {
    assertThat(first(FULL).pack("a").complete().format()).isEqualTo(Manifest.FORMAT);
  }
}
