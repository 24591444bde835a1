package io.pgfleet.backup.wal;

import io.pgfleet.backup.wal.WalArchive.Held;
import io.pgfleet.wire.Lsn;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an archive has of WAL, by the names of its objects alone. While WAL is put a list is not of
 * one moment: what it lacks before something later must be looked for in a second one.
 *
 * @param segmentSize bytes of a segment
 * @param segments of each timeline, by number
 * @param histories the timelines whose history is there
 * @param gaps WAL that was lost, by where it began
 */
public record WalInventory(
    int segmentSize,
    SortedMap<Integer, SortedMap<Long, Held>> segments,
    Set<Integer> histories,
    List<Gap> gaps) {
  public WalInventory {
    segments = Collections.unmodifiableSortedMap(new TreeMap<>(segments));
    histories = Set.copyOf(histories);
    gaps = List.copyOf(gaps);
  }

  /**
   * WAL that a server no longer had when it was due.
   *
   * @param timeline on which it begins
   * @param to where what is archived goes on
   */
  public record Gap(int timeline, Lsn from, Lsn to) {
    /** Whether a position is in it. */
    public boolean holds(Lsn position) {
      return position.reaches(from) && !position.reaches(to);
    }
  }

  /** The timelines of which there is anything, oldest first. */
  public SortedSet<Integer> timelines() {
    SortedSet<Integer> all = new TreeSet<>(segments.keySet());
    all.addAll(histories);
    gaps.forEach(gap -> all.add(gap.timeline()));
    return all;
  }

  /** The segments of a timeline, by number; none of none. */
  public SortedMap<Long, Held> on(int timeline) {
    return segments.getOrDefault(timeline, Collections.emptySortedMap());
  }

  /** Where the first WAL of a timeline is from a position on. */
  public Optional<Lsn> first(int timeline, Lsn from) {
    long number = SegmentName.of(timeline, from, segmentSize).number();
    return on(timeline).tailMap(number).values().stream()
        .findFirst()
        .map(held -> held.segment().start())
        .map(start -> start.reaches(from) ? start : from);
  }

  /** What was lost at a position on the way to a timeline. */
  public Optional<Gap> gap(TimelineHistory history, Lsn position) {
    return gaps.stream()
        .filter(gap -> gap.holds(position) && history.holds(gap.timeline(), gap.from()))
        .max(java.util.Comparator.comparing(Gap::to));
  }
}
