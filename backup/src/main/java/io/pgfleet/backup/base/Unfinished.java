package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.Journal.Entry;
import io.pgfleet.backup.store.ObjectStore.Listed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Backups of an archive that broke off, for an attempt that goes on with one. That one then has
 * this backup's name, which says an earlier time than its manifest. So only those are gone on with
 * that were begun after every whole one: the names of whole backups stay in their order.
 *
 * @param silence how long one that is at work may write no journal
 */
record Unfinished(Archive archive, InstantSource clock, Duration silence) {
  /** Rests are deleted after a day; nobody may begin to need them just before. */
  private static final Duration LONGEST = Duration.ofHours(20);

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final String FOLDER = "backups/";

  /** A backup that has no manifest. */
  private record Rest(String id, List<Listed> objects) {
    Set<String> journals() {
      return objects.stream()
          .map(Listed::name)
          .filter(object -> Attempt.isJournal(id, object))
          .collect(Collectors.toSet());
    }
  }

  /**
   * Takes over the newest that there is something of.
   *
   * @param prior the name of the backup that it must be based on; none for a full one
   * @return nothing if there is none, or others are at work with it
   */
  Optional<Resumption> takeOver(Optional<String> prior) throws InterruptedException {
    for (Rest rest : rests(prior.isPresent())) {
      Optional<Resumption> taken = takeOver(rest, prior);
      if (taken.isPresent()) {
        return taken;
      }
    }
    return Optional.empty();
  }

  private List<Rest> rests(boolean incremental) {
    TreeMap<String, List<Listed>> byName =
        archive.list(FOLDER.substring(0, FOLDER.length() - 1)).stream()
            .filter(object -> object.name().indexOf('/', FOLDER.length()) > 0)
            .collect(Collectors.groupingBy(Unfinished::backup, TreeMap::new, Collectors.toList()));
    Instant oldest = clock.instant().minus(LONGEST);
    List<Rest> rests = new ArrayList<>();
    for (Map.Entry<String, List<Listed>> one : byName.descendingMap().entrySet()) {
      Rest rest = new Rest(one.getKey(), one.getValue());
      if (isWhole(rest)) {
        break;
      }
      if (Backups.isIncremental(rest.id()) == incremental
          && Backups.lastBegan(rest.id(), rest.objects()).filter(oldest::isBefore).isPresent()) {
        rests.add(rest);
      }
    }
    return rests;
  }

  private static String backup(Listed object) {
    return object.name().substring(FOLDER.length(), object.name().indexOf('/', FOLDER.length()));
  }

  private static boolean isWhole(Rest rest) {
    return rest.objects().stream()
        .anyMatch(object -> object.name().equals(Manifest.object(rest.id())));
  }

  private Optional<Resumption> takeOver(Rest rest, Optional<String> prior)
      throws InterruptedException {
    List<Entry> packs = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (String object : rest.journals()) {
      Optional<Journal> journal = Journal.find(archive, rest.id(), object);
      if (journal.isEmpty()) {
        continue; // there are its packs, and nobody knows what they hold
      }
      if (!journal.get().prior().equals(prior)) {
        return Optional.empty();
      }
      Optional<Journal> last = ended(rest.id(), object, journal.get());
      if (last.isEmpty()) {
        return Optional.empty();
      }
      packs.addAll(last.get().packs());
      keys.add(last.get().key());
    }
    // All have the key of the first; with another their hashes would say nothing.
    return keys.size() != 1 || there(rest, packs).isEmpty()
        ? Optional.empty()
        : begun(rest, packs, new ContentHash(keys.iterator().next()), prior);
  }

  /**
   * The last journal of an attempt that has ended, or of which nothing is heard any more.
   *
   * @return nothing if it is at work
   */
  private Optional<Journal> ended(String id, String object, Journal first)
      throws InterruptedException {
    Journal last = first;
    Duration age = Duration.between(first.written(), clock.instant());
    // The clock of another host may be wrong, so its time can only make this shorter.
    Duration rest = age.isNegative() ? silence : silence.minus(age);
    long until = System.nanoTime() + rest.toNanos();
    while (!last.ended() && System.nanoTime() - until < 0) {
      Thread.sleep(LOOK.compareTo(silence) < 0 ? LOOK : silence.dividedBy(3));
      Optional<Journal> now = Journal.find(archive, id, object);
      if (now.isEmpty() || (!now.get().ended() && !now.get().written().equals(first.written()))) {
        return Optional.empty();
      }
      last = now.get();
    }
    return Optional.of(last);
  }

  /** Those of which the object is there as it was put, by a list. */
  private static List<Entry> there(Rest rest, List<Entry> packs) {
    Map<String, Long> sizes =
        rest.objects().stream().collect(Collectors.toMap(Listed::name, Listed::size));
    Attempt any = Attempt.first(rest.id());
    return packs.stream()
        .filter(pack -> sizes.getOrDefault(any.object(pack.object()), -1L) == pack.bytes())
        .toList();
  }

  /** Says that it is gone on with, then looks again. */
  private Optional<Resumption> begun(
      Rest rest, List<Entry> packs, ContentHash hash, Optional<String> prior) {
    Instant now = clock.instant();
    Attempt attempt = Attempt.further(rest.id(), now);
    new Journal(Journal.FORMAT, rest.id(), prior, now, hash.seed(), false, List.of())
        .put(archive, attempt);
    Rest again = new Rest(rest.id(), archive.list(FOLDER + rest.id()));
    Set<String> journals = new HashSet<>(again.journals());
    journals.remove(attempt.journal());
    List<Entry> there = there(again, packs);
    // Another one goes on with it, has made it whole, or has begun to delete it.
    if (!journals.equals(rest.journals()) || isWhole(again) || there.isEmpty()) {
      archive.delete(attempt.journal());
      return Optional.empty();
    }
    return Optional.of(new Resumption(attempt, hash, there, journals));
  }
}
