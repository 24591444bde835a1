package io.pgfleet.backup.keep;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalObject;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Deletes what a retention does not keep: backups, the WAL before the oldest that is left, and what
 * killed ones have left behind. WAL is cut at one place on all timelines, where the oldest backup
 * that is kept begins: a restore from any of them needs nothing before.
 */
public final class Expiry {
  /** What has no manifest may still become a backup before that, told from the last attempt. */
  private static final Duration LONGEST_BACKUP = Duration.ofHours(24);

  private final Archive archive;
  private final Backups backups;
  private final WalArchive wal;

  /** Of an archive and its WAL. */
  public Expiry(Archive archive, WalArchive wal) {
    this.archive = archive;
    this.backups = new Backups(archive);
    this.wal = wal;
  }

  /**
   * Objects below one backup's name that would go.
   *
   * @param reason why, behind "it"
   */
  public record Expired(String id, String reason, List<Listed> objects) {
    public Expired {
      objects = List.copyOf(objects);
    }

    /** In the store. */
    public long bytes() {
      return objects.stream().mapToLong(Listed::size).sum();
    }
  }

  /**
   * What would go.
   *
   * @param backups oldest first
   * @param leftovers of backups that were killed
   * @param wal segments, pieces, histories and words of lost WAL
   * @param kept the names of the backups that stay
   * @param timeline on which a restore ended when this was planned
   */
  public record Plan(
      List<Expired> backups,
      List<Expired> leftovers,
      List<Listed> wal,
      Set<String> kept,
      int timeline) {
    public Plan {
      backups = List.copyOf(backups);
      leftovers = List.copyOf(leftovers);
      wal = List.copyOf(wal);
      kept = Set.copyOf(kept);
    }

    /** In the store. */
    public long bytes() {
      return Stream.concat(backups.stream(), leftovers.stream()).mapToLong(Expired::bytes).sum()
          + wal.stream().mapToLong(Listed::size).sum();
    }

    /** Only what was never a whole backup. */
    public Plan ofLeftovers() {
      return new Plan(List.of(), leftovers, List.of(), kept, timeline);
    }

    /** Whether nothing would go. */
    public boolean isEmpty() {
      return backups.isEmpty() && leftovers.isEmpty() && wal.isEmpty();
    }
  }

  /**
   * Looks what would go, and changes nothing.
   *
   * @throws BackupException if the store can't be reached, or what must be known of timelines is
   *     missing or damaged
   */
  public Plan plan(Retention retention, Instant now) {
    BackupListing listing = BackupListing.of(archive);
    // Without its key a backup can't be read, and with it again it could.
    listing.damaged().values().stream()
        .filter(why -> why.kind() != Kind.DAMAGED)
        .findFirst()
        .ifPresent(why -> {
          throw why;
        });
    List<Manifest> whole = listing.whole();
    TimelineHistory newest = RestorePlan.newest(whole, wal);
    List<Manifest> expired =
        retention.expired(whole, backup -> listing.isUsable(backup, newest), now);
    Set<String> gone = expired.stream().map(Manifest::id).collect(Collectors.toSet());
    List<Manifest> kept = whole.stream().filter(backup -> !gone.contains(backup.id())).toList();
    List<Expired> backups = new ArrayList<>();
    for (Manifest backup : expired) {
      String reason =
          listing.isUsable(backup, newest)
              ? "is older than what is to be kept"
              : listing.lacksPack(backup)
                  ? "lacks a pack, and is older than what is to be kept"
                  : listing.unsupported(backup).isPresent()
                      ? "rests on a backup that can't be restored, and is older than what is to be"
                          + " kept"
                      : "lies on a branch that was left, timeline " + backup.finishTimeline();
      backups.add(new Expired(backup.id(), reason, listing.objects(backup.id())));
    }
    unreadable(listing, kept, expired).forEach(backups::add);
    backups.sort(Comparator.comparing(Expired::id));
    Set<String> keptIds = kept.stream().map(Manifest::id).collect(Collectors.toSet());
    return new Plan(
        backups, leftovers(listing, now), unneeded(kept, newest), keptIds, newest.timeline());
  }

  /** Those of which nothing can be known but that everything from their time goes. */
  private static List<Expired> unreadable(
      BackupListing listing, List<Manifest> kept, List<Manifest> expired) {
    if (kept.isEmpty() || expired.isEmpty()) {
      return List.of();
    }
    String oldest = kept.getFirst().id();
    return listing.damaged().keySet().stream()
        .filter(id -> id.compareTo(oldest) < 0)
        .map(id ->
            new Expired(
                id,
                "has a damaged manifest, and is older than what is to be kept",
                listing.objects(id)))
        .toList();
  }

  private List<Expired> leftovers(BackupListing listing, Instant now) {
    return listing.unfinished().stream()
        .filter(id ->
            Backups.lastBegan(id, listing.objects(id))
                .filter(now.minus(LONGEST_BACKUP)::isAfter)
                .isPresent())
        .filter(id -> !backups.isWhole(id)) // it may have become so since it was listed
        .map(id -> new Expired(id, "was killed before it was whole", listing.objects(id)))
        .toList();
  }

  private List<Listed> unneeded(List<Manifest> kept, TimelineHistory newest) {
    Optional<Lsn> cut = kept.stream().map(Manifest::start).min(Comparator.naturalOrder());
    if (cut.isEmpty()) {
      return List.of();
    }
    Set<Integer> needed = new HashSet<>(newest.line());
    kept.forEach(backup -> needed.addAll(List.of(backup.timeline(), backup.finishTimeline())));
    List<WalObject> histories = new ArrayList<>();
    List<Listed> unneeded = new ArrayList<>();
    for (WalObject object : wal.objects()) {
      Optional<Lsn> end = object.end();
      if (end.isEmpty()) {
        histories.add(object);
      } else if (cut.get().reaches(end.get())) {
        unneeded.add(object.listed());
      } else {
        needed.add(object.timeline());
      }
    }
    histories.stream()
        .filter(history -> !needed.contains(history.timeline()))
        // A newer one may have come since the newest was looked for.
        .filter(history -> history.timeline() < newest.timeline())
        .forEach(history -> unneeded.add(history.listed()));
    return unneeded;
  }

  /**
   * Deletes what was planned: manifests first, so that nothing is a backup any more that is not
   * whole, then the rest of those backups, then WAL. What it leaves behind if it breaks off,
   * another plan finds.
   *
   * @param deleted told the bytes of each object
   * @throws BackupException if the store can't be reached, or is no longer what the plan was made
   *     of
   */
  public void run(Plan plan, LongConsumer deleted) {
    requireSame(plan);
    List<Listed> objects = new ArrayList<>();
    plan.backups().forEach(backup -> objects.addAll(backup.objects()));
    Map<Boolean, List<Listed>> manifests =
        objects.stream().collect(Collectors.partitioningBy(Expiry::isManifest));
    // The newest first, so that none is there without what it is based on.
    manifests.getOrDefault(true, List.of()).reversed().forEach(object -> delete(object, deleted));
    manifests.getOrDefault(false, List.of()).forEach(object -> delete(object, deleted));
    plan.leftovers().stream()
        .filter(this::isStillLeft)
        .flatMap(leftover -> leftover.objects().stream())
        .forEach(object -> delete(object, deleted));
    plan.wal().forEach(object -> delete(object, deleted));
  }

  /** An attempt that goes on with it, or has, puts something there before all else. */
  private boolean isStillLeft(Expired leftover) {
    return leftover.objects().stream()
        .map(Listed::name)
        .collect(Collectors.toSet())
        .containsAll(backups.objects(leftover.id()));
  }

  private static boolean isManifest(Listed object) {
    return Manifest.isManifest(object.name());
  }

  private void delete(Listed object, LongConsumer deleted) {
    archive.delete(object.name());
    deleted.accept(object.size());
  }

  /** Whether there is a backup by now that is based on one that would go. */
  private boolean isBasedOn(Plan plan, List<String> there) {
    Set<String> going = plan.backups().stream().map(Expired::id).collect(Collectors.toSet());
    return there.stream()
        .filter(id -> !going.contains(id) && !plan.kept().contains(id))
        .anyMatch(id -> {
          try {
            return backups.find(id).flatMap(Manifest::prior).filter(going::contains).isPresent();
          } catch (BackupException e) {
            if (e.kind() != Kind.DAMAGED) {
              throw e;
            }
            return false;
          }
        });
  }

  /** Another may have deleted what was to be kept, or a new primary left what was. */
  private void requireSame(Plan plan) {
    List<String> there = backups.ids();
    int newest = wal.timelines().stream().max(Comparator.naturalOrder()).orElse(1);
    boolean based = isBasedOn(plan, there);
    if (!there.containsAll(plan.kept()) || newest > plan.timeline() || based) {
      throw new BackupException(
          Kind.MISSING,
          "The repository "
              + archive.place()
              + " has changed since it was looked what may be deleted: "
              + (newest > plan.timeline()
                  ? "there is a timeline " + newest + "."
                  : based
                      ? "a new backup is based on one that was to go."
                      : "a backup that was to be kept is gone."),
          "Nothing was deleted. Look again.");
    }
  }
}
