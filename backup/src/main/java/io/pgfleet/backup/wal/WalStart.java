package io.pgfleet.backup.wal;

import io.pgfleet.backup.wal.TimelineHistory.Fork;
import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Where an archive goes on with a server's WAL, so that nothing is left out: at the first segment
 * that is not there whole, on the newest timeline of the server's history of which the archive has
 * anything; where a new timeline has begun since, at the segment in which it begins.
 */
final class WalStart {
  private WalStart() {}

  /**
   * The segment to begin with.
   *
   * @param history of the timeline that the server is on
   * @param held of each timeline in the archive the first segment's number that is not whole there
   * @param slot where the slot's WAL begins, for an archive that has nothing of this history
   */
  static SegmentName of(
      TimelineHistory history, Map<Integer, OptionalLong> held, Lsn slot, int size) {
    List<Fork> line = new ArrayList<>(history.forks());
    line.add(new Fork(history.timeline(), new Lsn(-1L)));
    for (int i = line.size() - 1; i >= 0; i--) {
      Fork here = line.get(i);
      OptionalLong due = held.getOrDefault(here.timeline(), OptionalLong.empty());
      if (due.isEmpty()) {
        continue;
      }
      SegmentName next = new SegmentName(here.timeline(), due.getAsLong(), size);
      boolean left = i < line.size() - 1 && next.start().reaches(here.end());
      return left ? SegmentName.of(line.get(i + 1).timeline(), here.end(), size) : next;
    }
    return SegmentName.of(history.at(slot), slot, size);
  }
}
