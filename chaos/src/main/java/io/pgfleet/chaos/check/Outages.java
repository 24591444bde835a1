package io.pgfleet.chaos.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** How long clients went without an acknowledged write. */
public final class Outages {
  private Outages() {}

  /** A time between two acknowledgements. */
  public record Gap(Duration from, Duration to) {
    /** Its length. */
    public Duration length() {
      return to.minus(from);
    }
  }

  /**
   * The longest time that one client had to wait from one acknowledgement to its next, of those
   * that lie within a span for the greater part: a wait that begins a moment before the next fault
   * belongs to that one.
   *
   * @param clients when each client's writes were acknowledged, in order
   */
  public static Duration longest(Collection<List<Duration>> clients, Duration from, Duration to) {
    Duration longest = Duration.ZERO;
    for (List<Duration> times : clients) {
      for (int i = 1; i < times.size(); i++) {
        Duration before = times.get(i - 1);
        Duration after = times.get(i);
        Duration wait = after.minus(before);
        Duration within = earlier(after, to).minus(later(before, from));
        if (within.multipliedBy(2).compareTo(wait) >= 0 && wait.compareTo(longest) > 0) {
          longest = wait;
        }
      }
    }
    return longest;
  }

  private static Duration earlier(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration later(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  /** The gaps of at least some length in which no client at all got an acknowledgement. */
  public static List<Gap> ofAll(Collection<List<Duration>> clients, Duration least) {
    List<Duration> sorted = clients.stream().flatMap(List::stream).sorted().toList();
    List<Gap> gaps = new ArrayList<>();
    for (int i = 1; i < sorted.size(); i++) {
      Gap gap = new Gap(sorted.get(i - 1), sorted.get(i));
      if (gap.length().compareTo(least) >= 0) {
        gaps.add(gap);
      }
    }
    return List.copyOf(gaps);
  }
}
