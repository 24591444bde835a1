package io.pgfleet.bench.startup;

import io.pgfleet.bench.Quantiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Times by what was timed, in the order in which they first came. */
final class Timings {
  private static final double MILLIS = 1000.0;

  private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

  void add(String what, Duration took) {
    seconds.computeIfAbsent(what, _ -> new ArrayList<>()).add(took.toMillis() / MILLIS);
  }

  /** A row each: median, least and most. */
  List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT, "%-48s %9s %9s %9s %5s", "seconds", "median", "min", "max", "runs"));
    seconds.forEach((what, times) -> {
      Quantiles all = Quantiles.of(times);
      lines.add(
          String.format(
              Locale.ROOT,
              "%-48s %9.2f %9.2f %9.2f %5d",
              what,
              all.median(),
              all.minimum(),
              all.maximum(),
              all.count()));
    });
    return lines;
  }
}
