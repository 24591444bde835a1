package io.pgfleet.backup.keep;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.wal.TimelineHistory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The backups of an archive by one list of their objects. It is not of one moment where a backup is
 * taken or deleted meanwhile, and may then lack what is there.
 */
final class BackupListing {
  private static final String FOLDER = "backups";

  private final Map<String, List<Listed>> objects = new TreeMap<>();
  private final List<Manifest> whole = new ArrayList<>();
  private final Map<String, Manifest> byName = new TreeMap<>();
  private final SortedMap<String, BackupException> damaged = new TreeMap<>();
  private final List<String> unfinished = new ArrayList<>();
  private final Set<String> names;

  /** What was found of each, which others that rest on it ask again. */
  private final Map<String, List<String>> lacking = new HashMap<>();

  private BackupListing(List<Listed> all) {
    for (Listed listed : all) {
      int begin = FOLDER.length() + 1;
      int end = listed.name().indexOf('/', begin);
      if (end > begin) {
        objects
            .computeIfAbsent(listed.name().substring(begin, end), _ -> new ArrayList<>())
            .add(listed);
      }
    }
    this.names = all.stream().map(Listed::name).collect(Collectors.toSet());
  }

  /**
   * Lists them, and reads every manifest.
   *
   * @throws BackupException if the store can't be reached
   */
  static BackupListing of(Archive archive) {
    Backups backups = new Backups(archive);
    BackupListing listing = new BackupListing(archive.list(FOLDER));
    for (String id : listing.objects.keySet()) {
      if (!listing.names.contains(Manifest.object(id))) {
        listing.unfinished.add(id);
        continue;
      }
      try {
        // Unless it was deleted meanwhile.
        backups.find(id).ifPresent(listing::add);
      } catch (BackupException e) {
        if (e.kind() == Kind.STORE) {
          throw e;
        }
        listing.damaged.put(id, e);
      }
    }
    listing.whole.sort(Manifest.OLDEST_FIRST);
    return listing;
  }

  private void add(Manifest backup) {
    whole.add(backup);
    byName.put(backup.id(), backup);
  }

  /** Those whose manifest can be read, oldest first. */
  List<Manifest> whole() {
    return whole;
  }

  /** Those whose manifest can't be read, by their names, and why. */
  SortedMap<String, BackupException> damaged() {
    return damaged;
  }

  /** The names of those that have none. */
  List<String> unfinished() {
    return unfinished;
  }

  /** All that lies below a backup's name. */
  List<Listed> objects(String id) {
    return objects.getOrDefault(id, List.of());
  }

  /** Whether a restore can begin with it. */
  boolean isUsable(Manifest backup, TimelineHistory newest) {
    return newest.holds(backup.finishTimeline(), backup.finish())
        && !lacksPack(backup)
        && unsupported(backup).isEmpty();
  }

  /** Why what a backup is based on can't be restored; none if it can, or there is nothing. */
  Optional<String> unsupported(Manifest backup) {
    Optional<String> prior = backup.prior();
    for (int i = 0; prior.isPresent() && i <= byName.size(); i++) {
      String id = prior.get();
      Manifest rest = byName.get(id);
      if (rest == null) {
        return Optional.of(
            "It rests on backup "
                + id
                + (damaged.containsKey(id)
                    ? ", whose manifest can't be read."
                    : ", which is not there."));
      }
      if (lacksPack(rest)) {
        return Optional.of(
            "It rests on backup " + id + ", which lacks " + lacking(rest).getFirst() + ".");
      }
      prior = rest.prior();
    }
    return prior.map(id -> "It rests on backup " + id + ", and that on itself.");
  }

  /** The chain of a backup, so far as it is there: what it is based on, and itself. */
  List<Manifest> chain(Manifest backup) {
    return BackupChain.of(backup, byName).map(BackupChain::backups).orElse(List.of(backup));
  }

  boolean lacksPack(Manifest backup) {
    return !lacking(backup).isEmpty();
  }

  /** The packs that are not there, by their objects' names. */
  List<String> lacking(Manifest backup) {
    return lacking.computeIfAbsent(backup.id(), _ -> looked(backup));
  }

  private List<String> looked(Manifest backup) {
    List<String> absent = new ArrayList<>();
    for (int pack = 0; pack < backup.packs().size(); pack++) {
      String object = backup.packObject(pack);
      if (!names.contains(object)) {
        absent.add(object);
      }
    }
    return absent;
  }
}
