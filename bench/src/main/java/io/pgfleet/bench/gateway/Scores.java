package io.pgfleet.bench.gateway;

import io.pgfleet.bench.Quantiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The rounds of one load, and what they say when compared round by round. */
final class Scores {
  private static final double HUNDRED_THOUSAND = 100_000;
  private static final double MILLIS = 1000;

  private final Map<String, List<Score>> rounds = new LinkedHashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();

  /** One run of pgbench, and the processor time of the process in between. */
  record Score(PgbenchResult result, Optional<Duration> processor) {
    Optional<Double> secondsPerHundredThousand() {
      return processor
          .filter(_ -> result.transactions() > 0)
          .map(time -> time.toMillis() / MILLIS / result.transactions() * HUNDRED_THOUSAND);
    }
  }

  void add(String route, Score score) {
    rounds.computeIfAbsent(route, _ -> new ArrayList<>()).add(score);
  }

  void failed(String route, String reason) {
    failures.put(route, reason);
  }

  /** The table of one load; ratios are against the first route. */
  List<String> table(String title) {
    List<String> lines = new ArrayList<>();
    lines.add(title);
    lines.add(
        String.format(
            Locale.ROOT,
            "  %-16s %10s %10s %10s %12s %14s",
            "",
            "tps",
            "min",
            "max",
            "latency ms",
            "CPU s / 100k"));
    rounds.forEach((route, scores) -> {
      Quantiles tps = of(scores, score -> Optional.of(score.result().tps())).orElseThrow();
      lines.add(
          String.format(
              Locale.ROOT,
              "  %-16s %10.0f %10.0f %10.0f %12.3f %14s",
              route,
              tps.median(),
              tps.minimum(),
              tps.maximum(),
              of(scores, score -> Optional.of(score.result().latencyMillis()))
                  .map(Quantiles::median)
                  .orElse(0.0),
              of(scores, Score::secondsPerHundredThousand)
                  .map(cost -> String.format(Locale.ROOT, "%.2f", cost.median()))
                  .orElse("-")));
    });
    failures.forEach((route, reason) -> lines.add("  " + route + ": " + reason));
    return lines;
  }

  private static Optional<Quantiles> of(
      List<Score> scores, java.util.function.Function<Score, Optional<Double>> figure) {
    List<Double> figures = scores.stream().map(figure).flatMap(Optional::stream).toList();
    return figures.isEmpty() ? Optional.empty() : Optional.of(Quantiles.of(figures));
  }

  /** The throughput of one route for each of another's, from the ratios of each round. */
  Optional<Quantiles> ratio(String route, String against) {
    List<Score> ours = rounds.getOrDefault(route, List.of());
    List<Score> theirs = rounds.getOrDefault(against, List.of());
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
      ratios.add(ours.get(i).result().tps() / theirs.get(i).result().tps());
    }
    return ratios.isEmpty() ? Optional.empty() : Optional.of(Quantiles.of(ratios));
  }
}
