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
   * that began or went on within a span.
   *
   * @param clients when each client's writes were acknowledged, in order
   */
  public static Duration longest(Collection<List<Duration>> clients, Duration from, Duration to) {
    Duration longest = Duration.ZERO;
    for (List<Duration> times : clients) {
      for (int i = 1; i < times.size(); i++) {
        Duration before = times.get(i - 1);
        Duration after = times.get(i);
        boolean within = after.compareTo(from) > 0 && before.compareTo(to) < 0;
        if (within && after.minus(before).compareTo(longest) > 0) {
          longest = after.minus(before);
        }
      }
    }
    return longest;
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
