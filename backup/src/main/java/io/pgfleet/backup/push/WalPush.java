package io.pgfleet.backup.push;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts files of {@code pg_wal} into an archive, where several servers put the same ones (PostgreSQL
 * manual, 'Continuous Archiving and Point-in-Time Recovery', Setting Up WAL Archiving): what is
 * there with the same content is well, and nothing is replaced by other content.
 */
public final class WalPush {
  private static final Logger log = LoggerFactory.getLogger(WalPush.class);

  private WalPush() {}

  /** What became of a file. */
  public enum Outcome {
    /** It was put. */
    PUT,
    /** It was there. */
    THERE,
    /** An archive has no use for it. */
    UNNEEDED
  }

  /**
   * Puts a file. When this returns it is in the archive, for good.
   *
   * @throws BackupException if the store can't be reached, or has other content under that name
   */
  public static Outcome push(WalArchive archive, WalFile file) {
    return switch (file) {
      case WalFile.Unneeded _ -> Outcome.UNNEEDED;
      case WalFile.History history -> push(archive, history);
      case WalFile.Whole(SegmentName segment, byte[] content) -> whole(archive, segment, content);
      case WalFile.Beginning(_, SegmentName segment, byte[] content) ->
          beginning(archive, segment, content);
    };
  }

  private static Outcome push(WalArchive archive, WalFile.History file) {
    TimelineHistory own;
    try {
      own = TimelineHistory.parse(file.timeline(), file.content());
    } catch (IllegalArgumentException e) {
      throw new BackupException(
          Kind.SERVER,
          file.name() + " is no timeline's history: " + e.getMessage() + ".",
          "Bring it back from pg_wal of another server of the fleet.",
          e);
    }
    Optional<TimelineHistory> known = archive.history(file.timeline(), false);
    if (known.isEmpty()) {
      archive.putHistory(file.timeline(), file.content());
      return Outcome.PUT;
    }
    if (!known.get().equals(own)) {
      throw new BackupException(
          Kind.SERVER,
          "The repository "
              + archive.archive().place()
              + " knows another timeline "
              + file.timeline()
              + ": from "
              + known.get().forks()
              + ", and not from "
              + own.forks()
              + ".",
          "Another server of the same origin has taken that number; give one of them another"
              + " repository.");
    }
    return Outcome.THERE;
  }

  private static Outcome whole(WalArchive archive, SegmentName segment, byte[] content) {
    Optional<byte[]> there = held(archive, WalArchive.object(segment));
    if (there.isPresent()) {
      requireSame(archive, segment, there.get(), content);
      return Outcome.THERE;
    }
    pieces(archive, segment).ifPresent(some -> requireSame(archive, segment, some, content));
    archive.put(segment, content);
    return Outcome.PUT;
  }

  private static Outcome beginning(WalArchive archive, SegmentName segment, byte[] content) {
    if (content.length == 0) {
      return Outcome.UNNEEDED;
    }
    Optional<byte[]> there =
        held(archive, WalArchive.object(segment)).or(() -> pieces(archive, segment));
    if (there.isPresent()) {
      requireSame(archive, segment, there.get(), content);
      if (there.get().length >= content.length) {
        return Outcome.THERE;
      }
    }
    archive.put(segment, 0, content);
    return Outcome.PUT;
  }

  /** What is damaged there is of no use to anybody, and may be put again. */
  private static Optional<byte[]> held(WalArchive archive, String object) {
    try {
      return archive.archive().find(object);
    } catch (BackupException e) {
      if (e.kind() != Kind.DAMAGED) {
        throw e;
      }
      log.warn("{} It is put again.", e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<byte[]> pieces(WalArchive archive, SegmentName segment) {
    try {
      return archive.find(segment);
    } catch (BackupException e) {
      if (e.kind() != Kind.DAMAGED && e.kind() != Kind.MISSING) {
        throw e;
      }
      return Optional.empty(); // pieces with a hole between them are less than what comes
    }
  }

  /** Both may go on where the other ends. */
  private static void requireSame(
      WalArchive archive, SegmentName segment, byte[] there, byte[] content) {
    int common = Math.min(there.length, content.length);
    int other = Arrays.mismatch(there, 0, common, content, 0, common);
    if (other >= 0) {
      throw new BackupException(
          Kind.SERVER,
          "The repository "
              + archive.archive().place()
              + " has other WAL under the name "
              + segment
              + ", from byte "
              + other
              + " on.",
          "Two servers have written the same timeline, or one that was copied archives here; nothing"
              + " was replaced. Find out which is right before you delete either.");
    }
  }
}
