package io.pgfleet.chaos.report;

import io.pgfleet.chaos.plan.FaultKind;
import io.pgfleet.chaos.report.Run.FaultDone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What came of all faults of one kind; times are the median and the longest. */
record KindSummary(
    FaultKind kind,
    int count,
    Duration outageMedian,
    Duration outageLongest,
    Duration wholeMedian,
    Duration wholeLongest,
    int errors,
    int notWhole) {

  /** One for each kind that came. */
  static List<KindSummary> of(List<FaultDone> faults) {
    List<KindSummary> all = new ArrayList<>();
    for (FaultKind kind : FaultKind.values()) {
      List<FaultDone> ofKind = faults.stream().filter(one -> one.fault().kind() == kind).toList();
      if (!ofKind.isEmpty()) {
        all.add(of(kind, ofKind));
      }
    }
    return List.copyOf(all);
  }

  private static KindSummary of(FaultKind kind, List<FaultDone> faults) {
    List<Duration> outages = faults.stream().map(FaultDone::outage).sorted().toList();
    List<Duration> whole =
        faults.stream()
            .filter(one -> one.whole().isPresent())
            .map(one -> one.whole().orElseThrow().minus(one.undone()))
            .sorted()
            .toList();
    return new KindSummary(
        kind,
        faults.size(),
        median(outages),
        outages.getLast(),
        median(whole),
        whole.isEmpty() ? Duration.ZERO : whole.getLast(),
        faults.stream().mapToInt(FaultDone::errors).sum(),
        faults.size() - whole.size());
  }

  /** The middle of sorted values, of an even number the upper one of the two. */
  static Duration median(List<Duration> sorted) {
    return sorted.isEmpty() ? Duration.ZERO : sorted.get(sorted.size() / 2);
  }
}
