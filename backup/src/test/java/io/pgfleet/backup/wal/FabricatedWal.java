package io.pgfleet.backup.wal;

import io.pgfleet.backup.wal.WalInventory.Gap;
import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.List;

/** WAL that no server has written, in an archive. */
public final class FabricatedWal {
  /** The smallest segments there are. */
  public static final int SIZE = 1 << 20;

  private final WalArchive archive;
  private final byte[] zeros = new byte[SIZE];

  public FabricatedWal(WalArchive archive) {
    this.archive = archive;
  }

  /** A position, in segments and bytes. */
  public static Lsn at(long segment, long offset) {
    return new Lsn(segment * SIZE + offset);
  }

  /** A whole segment. */
  public void whole(int timeline, long number) {
    archive.put(new SegmentName(timeline, number, SIZE), zeros);
  }

  /** Whole segments up to another. */
  public void whole(int timeline, long from, long to) {
    for (long number = from; number < to; number++) {
      whole(timeline, number);
    }
  }

  /** A piece of a segment. */
  public void piece(int timeline, long number, int from, int to) {
    archive.put(new SegmentName(timeline, number, SIZE), from, new byte[to - from]);
  }

  /** The history of a timeline that left each one before it at a position. */
  public void history(int timeline, Lsn... left) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < left.length; i++) {
      lines.add(i + 1 + "\t" + left[i] + "\tno recovery target specified\n");
    }
    archive.putHistory(timeline, String.join("", lines));
  }

  /** The history of a timeline that comes from others. */
  public void history(TimelineHistory history) {
    List<String> lines = new ArrayList<>();
    history.forks().forEach(fork -> lines.add(fork.timeline() + "\t" + fork.end() + "\tforked\n"));
    archive.putHistory(history.timeline(), String.join("", lines));
  }

  /** A word of lost WAL. */
  public void gap(int timeline, Lsn from, Lsn to) {
    archive.putGap(new Gap(timeline, from, to), "It was gone.");
  }
}
