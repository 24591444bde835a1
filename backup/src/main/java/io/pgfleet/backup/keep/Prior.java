package io.pgfleet.backup.keep;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The backup that an incremental one would be based on: the newest that a restore can begin with.
 *
 * @param backup none if a full one is to be taken
 * @param reason why a full one is
 */
public record Prior(Optional<Manifest> backup, String reason) {
  private static Prior none(String reason) {
    return new Prior(Optional.empty(), reason);
  }

  /**
   * Looks for it.
   *
   * @param fullEvery how long after a full backup the next one is due; for ever if absent
   * @throws BackupException if the store can't be reached
   */
  public static Prior of(Archive archive, Optional<Duration> fullEvery, Instant now) {
    BackupListing listing = BackupListing.of(archive);
    List<Manifest> whole = listing.whole();
    if (whole.isEmpty()) {
      return none("the repository has no backup yet");
    }
    TimelineHistory newest;
    try {
      WalArchive wal = new WalArchive(archive, whole.getLast().segment());
      newest = RestorePlan.newest(whole, wal);
    } catch (BackupException e) {
      if (e.kind() == Kind.STORE) {
        throw e;
      }
      return none(e.getMessage());
    }
    Optional<Manifest> last =
        whole.reversed().stream().filter(backup -> listing.isUsable(backup, newest)).findFirst();
    if (last.isEmpty()) {
      return none("the repository has no backup that can be restored");
    }
    Manifest full = listing.chain(last.get()).getFirst();
    if (fullEvery.filter(limit -> !full.began().plus(limit).isAfter(now)).isPresent()) {
      return none("the last full one is older than backup.full_every");
    }
    return new Prior(last, "");
  }
}
