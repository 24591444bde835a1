package io.pgfleet.backup.keep;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.restore.MissingWal;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.restore.WalChain;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalInventory;
import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * To which moments a restore can go, by the names of the objects and the manifests alone: whether
 * what lies there is whole only {@link Verification} finds.
 *
 * @param timeline the newest, on which every restore ends
 * @param backups all whole ones, oldest first
 * @param damaged the names of those whose manifest can't be read
 * @param gaps what is missing of WAL behind the oldest usable backup, in its order
 */
public record Coverage(
    int timeline, List<Reach> backups, List<String> damaged, List<MissingWal> gaps) {
  /** As many as a chain is looked at, while WAL is put meanwhile. */
  private static final int LISTS = 5;

  public Coverage {
    backups = List.copyOf(backups);
    damaged = List.copyOf(damaged);
    gaps = List.copyOf(gaps);
  }

  /**
   * How far a restore goes that begins with a backup.
   *
   * @param unusable why none can; none if one can
   * @param timeline of the end
   * @param end of the WAL that follows without a gap
   * @param missing what is missing there, if it is not the end of all WAL
   */
  public record Reach(
      Manifest backup,
      Optional<String> unusable,
      int timeline,
      Lsn end,
      Optional<MissingWal> missing) {
    /** Whether a restore can begin with it. */
    public boolean usable() {
      return unusable.isEmpty();
    }

    /** The first moment that a restore from it can go to. */
    public Instant from() {
      return backup.ended();
    }
  }

  /**
   * Looks.
   *
   * @throws BackupException if the store can't be reached, or the newest timeline's history is
   *     missing or damaged
   */
  public static Coverage of(Archive archive, WalArchive wal) {
    Coverage coverage = of(BackupListing.of(archive), wal);
    for (int i = 1; i < LISTS && !coverage.isStill(new Backups(archive)); i++) {
      coverage = of(BackupListing.of(archive), wal);
    }
    return coverage;
  }

  /** A backup that expires takes its manifest along before its WAL, which is then not missing. */
  private boolean isStill(Backups now) {
    return gaps.isEmpty()
        || backups.stream()
            .filter(Reach::usable)
            .findFirst()
            .filter(oldest -> now.isWhole(oldest.backup().id()))
            .isPresent();
  }

  private static Coverage of(BackupListing listing, WalArchive wal) {
    TimelineHistory newest = RestorePlan.newest(listing.whole(), wal);
    Optional<Manifest> oldest =
        listing.whole().stream().filter(backup -> listing.isUsable(backup, newest)).findFirst();
    WalInventory held = wal.inventory();
    List<MissingWal> gaps = gaps(held, newest, oldest);
    boolean settled = gaps.isEmpty();
    for (int i = 1; i < LISTS && !settled; i++) {
      // What one list lacks of WAL that is put meanwhile, another has that began later.
      held = wal.inventory();
      List<MissingWal> later = gaps(held, newest, oldest);
      List<MissingWal> earlier = gaps;
      gaps = later.stream().filter(gap -> earlier.stream().anyMatch(gap::beginsAs)).toList();
      settled = gaps.size() == later.size();
    }
    WalInventory last = held;
    List<MissingWal> gapsThere = gaps;
    List<Reach> backups = new ArrayList<>();
    for (Manifest backup : listing.whole()) {
      backups.add(
          unusable(listing, backup, newest)
              .map(why ->
                  new Reach(
                      backup,
                      Optional.of(why),
                      backup.finishTimeline(),
                      backup.finish(),
                      Optional.empty()))
              .orElseGet(() -> reach(last, newest, backup, gapsThere)));
    }
    return new Coverage(newest.timeline(), backups, List.copyOf(listing.damaged().keySet()), gaps);
  }

  private static Optional<String> unusable(
      BackupListing listing, Manifest backup, TimelineHistory newest) {
    if (listing.lacksPack(backup)) {
      return Optional.of("It lacks " + listing.lacking(backup).getFirst() + ".");
    }
    Optional<String> unsupported = listing.unsupported(backup);
    if (unsupported.isPresent()) {
      return unsupported;
    }
    return listing.isUsable(backup, newest)
        ? Optional.empty()
        : Optional.of(
            "It lies on a branch that was left: timeline "
                + backup.finishTimeline()
                + " at "
                + backup.finish()
                + " is not on the way to timeline "
                + newest.timeline()
                + ".");
  }

  private static Reach reach(
      WalInventory held, TimelineHistory newest, Manifest backup, List<MissingWal> gaps) {
    WalChain chain = WalChain.follow(held, newest, backup.finishTimeline(), backup.finish());
    return new Reach(
        backup,
        Optional.empty(),
        chain.timeline(),
        chain.end(),
        chain
            .missing()
            .filter(missing -> gaps.stream().anyMatch(gap -> gap.holds(missing.from()))));
  }

  private static List<MissingWal> gaps(
      WalInventory held, TimelineHistory newest, Optional<Manifest> oldest) {
    List<MissingWal> gaps = new ArrayList<>();
    Optional<WalChain> chain =
        oldest.map(
            backup -> WalChain.follow(held, newest, backup.finishTimeline(), backup.finish()));
    while (chain.flatMap(WalChain::missing).isPresent()) {
      MissingWal gap = chain.flatMap(WalChain::missing).get();
      gaps.add(gap);
      chain = Optional.of(WalChain.follow(held, newest, newest.at(gap.to()), gap.to()));
    }
    return gaps;
  }
}
