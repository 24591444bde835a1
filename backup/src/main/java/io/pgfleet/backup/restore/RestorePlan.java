package io.pgfleet.backup.restore;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.wire.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which backup a restore begins with, on which timeline it ends, and how far the WAL goes that it
 * can replay. It is made before anything is changed, so that a moment that can't be reached is
 * refused where that is known; that a time lies behind what is missing only the recovery finds.
 *
 * @param backup to begin with
 * @param timeline to end on
 * @param end the end of the WAL that follows the backup on the way to that timeline without a gap
 * @param chain the segments from the backup's end to there
 * @param missing what is not there behind the end; none if all that there is of WAL can be replayed
 */
public record RestorePlan(
    Manifest backup, int timeline, Lsn end, Set<SegmentName> chain, Optional<MissingWal> missing) {
  /** What ends with WAL ends with a record; so many bytes are one at least. */
  private static final int SHORT_RECORD = 48;

  public RestorePlan {
    chain = Set.copyOf(chain);
  }

  /**
   * The plan for a moment, on the newest timeline: the newest backup on the way to it that was
   * whole by then; for a mark or a transaction, of which nobody knows when it was, the oldest.
   *
   * @param backups oldest first
   * @throws BackupException if the repository does not reach the moment
   */
  public static RestorePlan of(List<Manifest> backups, WalArchive wal, RecoveryTarget target) {
    if (backups.isEmpty()) {
      throw new BackupException(
          Kind.MISSING,
          "There is no whole backup in the repository.",
          "'pgfleet backup create' takes one.");
    }
    TimelineHistory history = newest(backups, wal);
    List<Manifest> onTheWay =
        backups.stream()
            .filter(backup -> history.holds(backup.finishTimeline(), backup.finish()))
            .filter(backup -> isBefore(backup, target))
            .toList();
    if (onTheWay.isEmpty()) {
      throw tooEarly(backups.getFirst(), target);
    }
    Manifest backup = begins(target) ? onTheWay.getLast() : onTheWay.getFirst();
    WalChain chain = WalChain.of(wal, history, backup.finishTimeline(), backup.finish());
    RestorePlan plan =
        new RestorePlan(backup, history.timeline(), chain.end(), chain.segments(), chain.missing());
    plan.requireReach(target, chain, history);
    return plan;
  }

  private static boolean begins(RecoveryTarget target) {
    return switch (target) {
      case RecoveryTarget.Latest(), RecoveryTarget.Time(_), RecoveryTarget.Position(_) -> true;
      case RecoveryTarget.Mark(_), RecoveryTarget.Before(_) -> false;
    };
  }

  private static boolean isBefore(Manifest backup, RecoveryTarget target) {
    return switch (target) {
      case RecoveryTarget.Time(var time) -> !backup.ended().isAfter(time);
      case RecoveryTarget.Position(Lsn position) -> position.reaches(backup.finish());
      case RecoveryTarget.Latest(), RecoveryTarget.Mark(_), RecoveryTarget.Before(_) -> true;
    };
  }

  private static BackupException tooEarly(Manifest oldest, RecoveryTarget target) {
    return new BackupException(
        Kind.MISSING,
        "The oldest backup, "
            + oldest.id()
            + ", was whole at "
            + oldest.ended()
            + " ("
            + oldest.finish()
            + "), after what is asked for: "
            + target
            + ".",
        "Name a moment from then on.");
  }

  /**
   * The history of the newest timeline on which there is WAL, or a backup: that on which every
   * restore ends.
   *
   * @param wal of segments as large as the backups say
   * @throws BackupException if it is not in the archive, or segments have another size
   */
  public static TimelineHistory newest(List<Manifest> backups, WalArchive wal) {
    for (Manifest backup : backups) {
      // With another size every name would be that of another position.
      if (backup.segment() != wal.segmentSize()) {
        throw new BackupException(
            Kind.SERVER,
            "Backup "
                + backup.id()
                + " has WAL segments of "
                + backup.segment()
                + " bytes, and the repository is read as one of "
                + wal.segmentSize()
                + ".",
            "A cluster whose segments were given another size needs a repository of its own.");
      }
    }
    int timeline = newestTimeline(backups, wal);
    return wal.history(timeline, true).orElse(TimelineHistory.first(timeline));
  }

  /**
   * The newest timeline on which there is WAL, or a backup, whether its history is there or not.
   */
  public static int newestTimeline(List<Manifest> backups, WalArchive wal) {
    return Stream.concat(backups.stream().map(Manifest::finishTimeline), wal.timelines().stream())
        .max(Comparator.naturalOrder())
        .orElse(1);
  }

  /**
   * What is missing is told by PostgreSQL where a time, a mark or a transaction lies behind it; for
   * the end of all WAL it would take it itself.
   */
  private void requireReach(RecoveryTarget target, WalChain chain, TimelineHistory history) {
    switch (target) {
      case RecoveryTarget.Latest() -> {
        if (missing.isPresent()) {
          throw unreachable(missing.get().sentence());
        }
        Optional<Lsn> left = history.left(chain.timeline());
        if (left.isPresent()) {
          throw unreachable(
              "The WAL in the repository ends on timeline "
                  + chain.timeline()
                  + " at "
                  + end
                  + ", before "
                  + left.get()
                  + ", where a later one began.");
        }
      }
      case RecoveryTarget.Position(Lsn position) -> {
        if (!end.reaches(position)) {
          throw unreachable(
              missing
                  .map(MissingWal::sentence)
                  .orElse(
                      "The WAL in the repository ends at " + end + ", before " + position + "."));
        }
      }
      case RecoveryTarget.Time(_), RecoveryTarget.Mark(_), RecoveryTarget.Before(_) -> {}
    }
  }

  private BackupException unreachable(String why) {
    return new BackupException(
        Kind.MISSING,
        why,
        missing.isPresent()
            ? "Name a moment before that; a new base backup begins a chain without it."
            : "Name a position up to that.");
  }

  /**
   * Whether a recovery to the end replays the record that begins at a position.
   *
   * @param on the position's timeline
   */
  public boolean leadsThrough(WalArchive wal, int on, Lsn position) {
    return newest(List.of(backup), wal).holds(on, position)
        && position.reaches(backup.finish())
        && endsBehind(position);
  }

  private boolean endsBehind(Lsn position) {
    return end.reaches(new Lsn(position.value() + SHORT_RECORD));
  }

  /** Whether a server that has it needs no WAL from before a position any more. */
  public boolean reaches(Lsn position) {
    return backup.finish().reaches(position) || endsBehind(position);
  }

  /** Whether the way to the end leads through a segment, so that it may not be absent. */
  boolean needs(SegmentName segment) {
    return chain.contains(segment);
  }

  /**
   * Whether so many bytes of a segment may be given to the server. Of the one in which the backup
   * ends it has its own, which PostgreSQL would replace by what it is given.
   */
  boolean serves(SegmentName segment, int bytes) {
    Lsn reached = new Lsn(segment.start().value() + bytes);
    return segment.start().reaches(backup.finish())
        || reached.reaches(backup.finish())
        || bytes == segment.size();
  }
}
