package io.pgfleet.backup.wal;

import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.wal.WalInventory.Gap;
import io.pgfleet.wire.Lsn;
import java.util.Optional;

/** An object of an archive's WAL, as its name tells: see {@link WalArchive} for the names. */
public sealed interface WalObject {
  /** Its name in the archive, and its size there. */
  Listed listed();

  /** Its timeline. */
  int timeline();

  /** A timeline's history. */
  record History(Listed listed, int timeline) implements WalObject {}

  /** A word of lost WAL. */
  record Loss(Listed listed, Gap gap) implements WalObject {
    @Override
    public int timeline() {
      return gap.timeline();
    }
  }

  /** A whole segment. */
  record Whole(Listed listed, SegmentName segment) implements WalObject {
    @Override
    public int timeline() {
      return segment.timeline();
    }
  }

  /**
   * A piece of a segment.
   *
   * @param from offset of its first byte
   * @param to offset behind its last
   */
  record Piece(Listed listed, SegmentName segment, int from, int to) implements WalObject {
    @Override
    public int timeline() {
      return segment.timeline();
    }
  }

  /** The position behind it; none of a history, which is of the whole timeline. */
  default Optional<Lsn> end() {
    return switch (this) {
      case History _ -> Optional.empty();
      case Loss loss -> Optional.of(loss.gap().to());
      case Whole whole -> Optional.of(whole.segment().end());
      case Piece piece -> Optional.of(piece.segment().end());
    };
  }
}
