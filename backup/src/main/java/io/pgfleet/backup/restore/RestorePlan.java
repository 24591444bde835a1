package io.pgfleet.backup.restore;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.TimelineHistory.Fork;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalArchive.Held;
import io.pgfleet.wire.Lsn;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Which backup a restore begins with, on which timeline it ends, and how far the WAL goes that it
 * can replay. It is made before anything is changed, so that a moment that can't be reached is
 * refused.
 *
 * @param backup to begin with
 * @param timeline to end on
 * @param end the end of the WAL that follows the backup on the way to that timeline without a gap
 */
public record RestorePlan(Manifest backup, int timeline, Lsn end) {
  /**
   * The plan for a moment: the newest backup that was whole by then.
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
    Manifest backup =
        backups.reversed().stream()
            .filter(one -> isBefore(one, target))
            .findFirst()
            .orElseThrow(() -> tooEarly(backups.getFirst(), target));
    int timeline = newest(wal, backup);
    Lsn end = end(wal, backup, timeline);
    if (target instanceof RecoveryTarget.Position(Lsn position) && !end.reaches(position)) {
      throw new BackupException(
          Kind.MISSING,
          "The WAL in the repository ends at " + end + ", before " + position + ".",
          "Name a position up to that, or 'latest'.");
    }
    return new RestorePlan(backup, timeline, end);
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

  /** The newest timeline that goes on from where the backup ended. */
  private static int newest(WalArchive wal, Manifest backup) {
    return wal.timelines().reversed().stream()
        .filter(timeline -> timeline >= backup.timeline())
        .filter(timeline -> history(wal, timeline).holds(backup.timeline(), backup.finish()))
        .findFirst()
        .orElse(backup.timeline());
  }

  private static TimelineHistory history(WalArchive wal, int timeline) {
    return wal.history(timeline, true).orElse(TimelineHistory.first(timeline));
  }

  /** Follows the segments from the backup on; its own WAL lies in the backup itself. */
  private static Lsn end(WalArchive wal, Manifest backup, int timeline) {
    Lsn end = backup.finish();
    TimelineHistory history = history(wal, timeline);
    int on = backup.timeline();
    SortedMap<Long, Held> segments = wal.segments(on);
    while (true) {
      int here = on;
      Optional<Lsn> left =
          history.forks().stream()
              .filter(fork -> fork.timeline() == here)
              .map(Fork::end)
              .findFirst();
      SegmentName next = SegmentName.of(on, end, wal.segmentSize());
      Held held = segments.get(next.number());
      Lsn reached = held == null ? end : new Lsn(held.segment().start().value() + bytes(wal, held));
      if (left.isPresent() && reached.reaches(left.get())) {
        end = left.get();
        on = history.at(end);
        segments = wal.segments(on);
      } else if (held != null && held.whole()) {
        end = next.end();
      } else {
        return reached.reaches(end) ? reached : end;
      }
    }
  }

  private static int bytes(WalArchive wal, Held held) {
    return held.whole()
        ? wal.segmentSize()
        : wal.find(held.segment()).map(content -> content.length).orElse(0);
  }
}
