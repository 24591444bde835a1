package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.failover.FailoverBenchmark.Start;
import java.util.ArrayList;
import java.util.List;

/** The clusters that can be compared, by name. */
public final class FailoverClusters {
  private FailoverClusters() {}

  /**
   * How to start the clusters of these names.
   *
   * @throws BenchException for a name that is none, and where a program is missing
   */
  public static List<Start> named(List<String> names) {
    List<Start> starts = new ArrayList<>();
    for (String name : names) {
      switch (name) {
        case "patroni" -> {
          require(PatroniCluster.missing());
          starts.add(PatroniCluster::start);
        }
        case "pgfleet" -> {
          require(FleetCluster.missing());
          starts.add(FleetCluster::start);
        }
        default ->
            throw new BenchException(
                "no cluster is called '" + name + "'", "there are patroni, pgfleet");
      }
    }
    return starts;
  }

  private static void require(String missing) {
    if (!missing.isEmpty()) {
      throw new BenchException(missing, "or leave it out with --peers");
    }
  }
}
