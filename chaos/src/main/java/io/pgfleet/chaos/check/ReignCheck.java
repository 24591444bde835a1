package io.pgfleet.chaos.check;

import java.util.Comparator;
import java.util.List;

/** Whether ever two servers accepted writes at overlapping times. */
public final class ReignCheck {
  private ReignCheck() {}

  /** Checks the reigns of all nodes. */
  public static void check(List<Reign> reigns, Findings findings) {
    findings.nextRule();
    List<Reign> sorted = reigns.stream().sorted(Comparator.comparing(Reign::first)).toList();
    for (int i = 0; i < sorted.size(); i++) {
      Reign one = sorted.get(i);
      for (Reign other : sorted.subList(i + 1, sorted.size())) {
        if (!one.node().equals(other.node()) && one.overlaps(other)) {
          findings.add("two servers accepted writes at the same time: " + one + "; " + other);
        }
      }
    }
  }
}
