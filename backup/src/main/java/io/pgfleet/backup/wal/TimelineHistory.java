package io.pgfleet.backup.wal;

import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a timeline comes from: the content of its history file (PostgreSQL manual, 'Timelines'), a
 * line for each timeline before it with the position at which the next one left it.
 *
 * <p>A recovery writes down as the parent the timeline it was to end on, even if it ended before it
 * came there (src/backend/access/transam/xlog.c, StartupXLOG), so that a fork may lie before those
 * above it. Nothing of a timeline belongs to this one that is behind where any later one left.
 *
 * @param timeline whose history it is
 * @param forks oldest first
 */
public record TimelineHistory(int timeline, List<Fork> forks) {
  public TimelineHistory {
    List<Fork> reached = new ArrayList<>();
    for (Fork fork : forks.reversed()) {
      boolean before = reached.isEmpty() || reached.getFirst().end().reaches(fork.end());
      reached.addFirst(before ? fork : new Fork(fork.timeline(), reached.getFirst().end()));
    }
    forks = List.copyOf(reached);
  }

  /**
   * A timeline that was left.
   *
   * @param end where the next one begins
   */
  public record Fork(int timeline, Lsn end) {}

  /** That of a timeline that comes from none. */
  public static TimelineHistory first(int timeline) {
    return new TimelineHistory(timeline, List.of());
  }

  /** The name of the file that holds it. */
  public static String file(int timeline) {
    return "%08X.history".formatted(timeline);
  }

  /**
   * Reads a history file.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static TimelineHistory parse(int timeline, String content) {
    List<Fork> forks = new ArrayList<>();
    for (String line : content.lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.split("\\s+", 3);
      if (words.length < 2) {
        throw new IllegalArgumentException("no line of a timeline's history: " + line);
      }
      int parent = Integer.parseInt(words[0]);
      if (parent < 1
          || parent >= timeline
          || (!forks.isEmpty() && forks.getLast().timeline() >= parent)) {
        throw new IllegalArgumentException("timeline " + parent + " out of order: " + line);
      }
      forks.add(new Fork(parent, Lsn.parse(words[1])));
    }
    return new TimelineHistory(timeline, forks);
  }

  /** This timeline and those before it, oldest first. */
  public List<Integer> line() {
    return Stream.concat(forks.stream().map(Fork::timeline), Stream.of(timeline)).toList();
  }

  /** The timeline on which the byte at a position lies in this history. */
  public int at(Lsn position) {
    return forks.stream()
        .filter(fork -> fork.end().compareTo(position) > 0)
        .mapToInt(Fork::timeline)
        .findFirst()
        .orElse(timeline);
  }

  /** Where a timeline before this one was left; none for this one, or another's. */
  public Optional<Lsn> left(int other) {
    return forks.stream().filter(fork -> fork.timeline() == other).map(Fork::end).findFirst();
  }

  /** Whether a timeline is this one or one before it, and was not left before the position. */
  public boolean holds(int other, Lsn position) {
    return other == timeline
        || forks.stream()
            .anyMatch(fork -> fork.timeline() == other && fork.end().reaches(position));
  }
}
