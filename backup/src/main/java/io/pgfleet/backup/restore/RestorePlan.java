package io.pgfleet.backup.restore;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalArchive.Held;
import io.pgfleet.wire.Lsn;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * Which backup a restore begins with, on which timeline it ends, and how far the WAL goes that it
 * can replay. It is made before anything is changed, so that a moment that can't be reached, or
 * only over a gap, is refused.
 *
 * @param backup to begin with
 * @param timeline to end on
 * @param end the end of the WAL that follows the backup on the way to that timeline without a gap
 * @param chain the segments from the backup's end to there
 */
public record RestorePlan(Manifest backup, int timeline, Lsn end, Set<SegmentName> chain) {
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
    int timeline = newest(backups, wal);
    TimelineHistory history = history(wal, timeline);
    List<Manifest> onTheWay =
        backups.stream()
            .filter(backup -> history.holds(backup.finishTimeline(), backup.finish()))
            .filter(backup -> isBefore(backup, target))
            .toList();
    if (onTheWay.isEmpty()) {
      throw tooEarly(backups.getFirst(), target);
    }
    Manifest backup = begins(target) ? onTheWay.getLast() : onTheWay.getFirst();
    RestorePlan plan = chain(wal, backup, history);
    if (target instanceof RecoveryTarget.Position(Lsn position) && !plan.end().reaches(position)) {
      throw new BackupException(
          Kind.MISSING,
          "The WAL in the repository ends at " + plan.end() + ", before " + position + ".",
          "Name a position up to that, or 'latest'.");
    }
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

  /** The newest timeline on which there is WAL, or a backup. */
  private static int newest(List<Manifest> backups, WalArchive wal) {
    int ofBackups =
        backups.stream().map(Manifest::finishTimeline).max(Comparator.naturalOrder()).orElse(1);
    List<Integer> ofWal = wal.timelines();
    return ofWal.isEmpty() ? ofBackups : Math.max(ofBackups, ofWal.getLast());
  }

  private static TimelineHistory history(WalArchive wal, int timeline) {
    return wal.history(timeline, true).orElse(TimelineHistory.first(timeline));
  }

  /** Follows the segments from the backup on; the WAL up to its own end lies in the backup. */
  private static RestorePlan chain(WalArchive wal, Manifest backup, TimelineHistory history) {
    Set<SegmentName> chain = new HashSet<>();
    Lsn end = backup.finish();
    int on = backup.finishTimeline();
    SortedMap<Long, Held> segments = wal.segments(on);
    while (true) {
      SegmentName next = SegmentName.of(on, end, wal.segmentSize());
      Held held = segments.get(next.number());
      Lsn reached = held == null ? end : new Lsn(held.segment().start().value() + bytes(wal, held));
      Optional<Lsn> left = history.left(on);
      if (held != null && (left.isPresent() || reached.compareTo(end) > 0)) {
        chain.add(next);
      }
      if (left.isPresent() && reached.reaches(left.get())) {
        end = left.get();
        on = history.at(end);
        segments = wal.segments(on);
      } else if (held != null && held.whole()) {
        end = next.end();
      } else {
        Lsn last = reached.reaches(end) ? reached : end;
        requireNothingBehind(wal, history, on, last, segments);
        return new RestorePlan(backup, history.timeline(), last, chain);
      }
    }
  }

  /** A gap must not be taken for the end. */
  private static void requireNothingBehind(
      WalArchive wal, TimelineHistory history, int on, Lsn last, SortedMap<Long, Held> segments) {
    SegmentName at = SegmentName.of(on, last, wal.segmentSize());
    boolean more = !segments.tailMap(at.number() + 1).isEmpty();
    boolean later = history.left(on).isPresent();
    if (more || later) {
      throw new BackupException(
          Kind.MISSING,
          "WAL is missing in the repository: on timeline "
              + on
              + " it ends at "
              + last
              + ", and there is more behind.",
          "Name a moment before that, or begin with a backup that is behind it.");
    }
  }

  private static int bytes(WalArchive wal, Held held) {
    return held.whole()
        ? wal.segmentSize()
        : wal.find(held.segment()).map(content -> content.length).orElse(0);
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
