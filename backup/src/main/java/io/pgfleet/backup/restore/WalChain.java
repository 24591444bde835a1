package io.pgfleet.backup.restore;

import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalArchive.Held;
import io.pgfleet.backup.wal.WalInventory;
import io.pgfleet.wire.Lsn;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The WAL that follows a position without a gap on the way to a timeline, through every change of
 * the timeline, by the names of the objects alone.
 *
 * @param timeline on which it ends
 * @param end where it ends
 * @param segments those it leads through
 * @param missing what is not there, if it does not end where WAL does
 */
public record WalChain(
    int timeline, Lsn end, Set<SegmentName> segments, Optional<MissingWal> missing) {
  public WalChain {
    segments = Set.copyOf(segments);
  }

  /** Enough for one that is written to, as long as a list takes less than many segments. */
  private static final int LISTS = 5;

  /**
   * The chain in an archive that may be written to meanwhile. A list of its objects is not of one
   * moment, so what one does not have must also be absent from another that began later.
   *
   * @param on the timeline of the position
   */
  public static WalChain of(WalArchive wal, TimelineHistory history, int on, Lsn from) {
    WalChain chain = follow(wal.inventory(), history, on, from);
    for (int i = 1; i < LISTS && chain.missing().isPresent(); i++) {
      WalChain later = follow(wal.inventory(), history, on, from);
      if (later.confirmedBy(chain).missing().isPresent()) {
        return later;
      }
      chain = later;
    }
    return chain.missing().isEmpty()
        ? chain
        : new WalChain(chain.timeline(), chain.end(), chain.segments(), Optional.empty());
  }

  /** The same as one list says. */
  public static WalChain follow(WalInventory wal, TimelineHistory history, int on, Lsn from) {
    Set<SegmentName> chain = new HashSet<>();
    Lsn end = from;
    int timeline = on;
    while (true) {
      SegmentName next = SegmentName.of(timeline, end, wal.segmentSize());
      Held held = wal.on(timeline).get(next.number());
      Lsn reached = held == null || end.reaches(held.end()) ? end : held.end();
      Optional<Lsn> left = history.left(timeline);
      if (held != null && (left.isPresent() || !reached.equals(end))) {
        chain.add(next);
      }
      Optional<Begun> begun = begun(wal, history, timeline, next.number());
      if (left.isPresent() && reached.reaches(left.get())) {
        end = left.get();
        timeline = history.at(end);
      } else if (begun.isPresent()) {
        end = begun.get().at();
        timeline = begun.get().timeline();
        chain.remove(next);
      } else if (held != null && held.whole()) {
        end = next.end();
      } else {
        return new WalChain(timeline, reached, chain, missing(wal, history, timeline, reached));
      }
    }
  }

  private record Begun(int timeline, Lsn at) {}

  /**
   * The newest timeline that begins in a segment which is there as far as that: PostgreSQL begins
   * it with a copy of what the segment had before, and a recovery asks for the newest one first
   * (src/backend/access/transam/xlogrecovery.c, XLogFileReadAnyTLI). Of the older one nothing is
   * needed then.
   */
  private static Optional<Begun> begun(
      WalInventory wal, TimelineHistory history, int after, long number) {
    Optional<Begun> newest = Optional.empty();
    List<Integer> line = history.line();
    for (int i = 1; i < line.size(); i++) {
      int timeline = line.get(i);
      Optional<Lsn> begin = timeline > after ? history.left(line.get(i - 1)) : Optional.empty();
      Held held = wal.on(timeline).get(number);
      if (begin.isPresent()
          && held != null
          && held.end().reaches(begin.get())
          && begin.get().compareTo(held.segment().start()) > 0) {
        newest = Optional.of(new Begun(timeline, begin.get()));
      }
    }
    return newest;
  }

  private static Optional<MissingWal> missing(
      WalInventory wal, TimelineHistory history, int timeline, Lsn end) {
    return wal.gap(history, end)
        .map(gap -> new MissingWal(timeline, end, gap.to(), true))
        .or(() ->
            behind(wal, history, timeline, end)
                .map(position -> new MissingWal(timeline, end, position, false)));
  }

  /** Where the next WAL on the way is behind the end of a chain. */
  private static Optional<Lsn> behind(
      WalInventory wal, TimelineHistory history, int timeline, Lsn end) {
    SegmentName at = SegmentName.of(timeline, end, wal.segmentSize());
    Held held = wal.on(timeline).get(at.number());
    if (held != null && held.resumes() > 0) {
      Lsn resumes = new Lsn(at.start().value() + held.resumes());
      if (!end.reaches(resumes)) {
        return Optional.of(resumes);
      }
    }
    Lsn begin = at.end();
    for (int on : history.line()) {
      if (on < timeline) {
        continue;
      }
      Optional<Lsn> left = history.left(on);
      Optional<Lsn> found =
          wal.first(on, begin).filter(there -> left.isEmpty() || !there.reaches(left.get()));
      if (found.isPresent() || left.isEmpty()) {
        return found;
      }
      begin = left.get();
    }
    return Optional.empty();
  }

  /** A chain that lacks only what an earlier list did not have either. */
  WalChain confirmedBy(WalChain earlier) {
    return new WalChain(
        timeline,
        end,
        segments,
        missing.filter(now -> earlier.missing().filter(now::beginsAs).isPresent()));
  }
}
