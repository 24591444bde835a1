package io.pgfleet.bench;

import java.util.Arrays;
import java.util.Collection;

/** Median and range of repeated measurements. */
public record Quantiles(double median, double minimum, double maximum, int count) {
  /**
   * Sums measurements up.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Quantiles of(Collection<Double> measured) {
    if (measured.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
    double[] sorted = measured.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Quantiles(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }
}
