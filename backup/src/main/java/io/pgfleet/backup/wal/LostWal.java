package io.pgfleet.backup.wal;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.wal.WalInventory.Gap;
import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** The WAL that servers no longer had when it was due, as an archive tells of it. */
final class LostWal {
  /** The newest may be one that can't be read, or that was begun last and ended first. */
  private static final int LOOKED_AT = 3;

  private final WalArchive archive;

  LostWal(WalArchive archive) {
    this.archive = archive;
  }

  /** Writes down that WAL between two positions can't be had any more. */
  void record(Gap gap, Instant now, String why) {
    archive.putGap(gap, sentence(gap) + " This was found at " + now + ": " + why + "\n");
  }

  private static String sentence(Gap gap) {
    return "The WAL from "
        + gap.from()
        + " on timeline "
        + gap.timeline()
        + " to "
        + gap.to()
        + " was gone from the server before it was archived; take a base backup, for until then"
        + " nothing later can be restored.";
  }

  /** What is to be told: the last loss on the way to a timeline that no whole backup covers. */
  Optional<String> told(WalInventory held, TimelineHistory history) {
    return held.gaps().stream()
        .filter(gap -> history.holds(gap.timeline(), gap.from()))
        .max(Comparator.comparing(Gap::to))
        .filter(last -> !isCovered(history, last.to()))
        .map(LostWal::sentence);
  }

  /** Whether a backup needs no WAL from before the position. */
  private boolean isCovered(TimelineHistory history, Lsn position) {
    Backups backups = new Backups(archive.archive());
    return backups.ids().reversed().stream()
        .limit(LOOKED_AT)
        .flatMap(id -> readable(backups, id).stream())
        .anyMatch(backup ->
            backup.finish().reaches(position)
                && history.holds(backup.finishTimeline(), backup.finish()));
  }

  private static Optional<Manifest> readable(Backups backups, String id) {
    try {
      return backups.find(id);
    } catch (BackupException e) {
      if (e.kind() == Kind.DAMAGED) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
