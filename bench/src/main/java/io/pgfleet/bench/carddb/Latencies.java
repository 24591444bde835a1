package io.pgfleet.bench.carddb;

import io.pgfleet.bench.carddb.Operation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** How long operations took, by kind: second by second and over the whole run. */
final class Latencies {
  private static final int DIGITS = 3;
  private static final double MICROS_PER_MILLI = 1000.0;

  private final Map<Kind, Series> series = new EnumMap<>(Kind.class);

  /** What comes in now, and what came in until the last second. */
  private record Series(Recorder now, Histogram total) {}

  Latencies() {
    for (Kind kind : Kind.values()) {
      series.put(kind, new Series(new Recorder(DIGITS), new Histogram(DIGITS)));
    }
  }

  /** Called by every client. */
  void record(Kind kind, Duration took) {
    long micros = Math.max(0, took.toNanos() / 1000);
    Objects.requireNonNull(series.get(kind)).now().recordValue(micros);
  }

  /** What came in since the last call, of all kinds; called by one thread only. */
  Histogram interval() {
    Histogram all = new Histogram(DIGITS);
    for (Series one : series.values()) {
      Histogram part = one.now().getIntervalHistogram();
      all.add(part);
      one.total().add(part);
    }
    return all;
  }

  /** A row a kind, after a last {@link #interval}. */
  List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT, "%-8s %10s %9s %9s %9s", "", "done", "p50 ms", "p99 ms", "max ms"));
    series.forEach((kind, one) ->
        lines.add(
            String.format(
                Locale.ROOT,
                "%-8s %10d %9.2f %9.2f %9.2f",
                kind.name().toLowerCase(Locale.ROOT),
                one.total().getTotalCount(),
                millis(one.total(), 50),
                millis(one.total(), 99),
                millis(one.total(), 100))));
    return lines;
  }

  static double millis(Histogram histogram, double percentile) {
    return histogram.getTotalCount() == 0
        ? 0
        : histogram.getValueAtPercentile(percentile) / MICROS_PER_MILLI;
  }
}
