package io.pgfleet.bench.figures;

import io.pgfleet.bench.Quantiles;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one peer did under one load.
 *
 * @param name with its version
 * @param figures a value for each round
 * @param note why there are no figures, or what went wrong; empty if nothing did
 */
public record PeerRun(String name, Map<Figure, List<Double>> figures, String note) {
  public PeerRun {
    Map<Figure, List<Double>> copy = new EnumMap<>(Figure.class);
    figures.forEach((figure, rounds) -> copy.put(figure, List.copyOf(rounds)));
    figures = copy;
  }

  /** A peer that this load is not for. */
  public static PeerRun leftOut(String name, String why) {
    return new PeerRun(name, Map.of(), why);
  }

  /** Median and range over the rounds. */
  public Optional<Quantiles> of(Figure figure) {
    List<Double> rounds = figures.getOrDefault(figure, List.of());
    return rounds.isEmpty() ? Optional.empty() : Optional.of(Quantiles.of(rounds));
  }

  /** What it is compared by; nothing if it has no figures, or none of that kind. */
  public Optional<Figure> throughput() {
    return figures.keySet().stream().filter(Figure::isThroughput).findFirst();
  }

  /**
   * Its throughput for each of another's, from the ratios of each round: what else the machine did
   * fell on both.
   */
  public Optional<Quantiles> ratio(PeerRun against) {
    return throughput()
        .flatMap(figure -> {
          List<Double> ours = figures.getOrDefault(figure, List.of());
          List<Double> theirs = against.figures.getOrDefault(figure, List.of());
          List<Double> ratios = new ArrayList<>();
          for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
            if (theirs.get(i) > 0) {
              ratios.add(ours.get(i) / theirs.get(i));
            }
          }
          return ratios.isEmpty() ? Optional.empty() : Optional.of(Quantiles.of(ratios));
        });
  }
}
