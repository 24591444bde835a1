package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.MachineFacts;
import io.pgfleet.bench.Quantiles;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.figures.MarkdownReport;
import io.pgfleet.bench.figures.PeerRun;
import io.pgfleet.bench.figures.PerformancePage;
import io.pgfleet.bench.figures.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One client writes row after row through the address of applications while the primary is lost or
 * moved; what counts is the time from its last acknowledged write to the next. The clusters take
 * turns within each round. At the end every acknowledged row must be there once.
 */
public final class FailoverBenchmark {
  /** The group of its results. */
  public static final String GROUP = "failover";

  /** So many writes after a gap show that writing goes on. */
  private static final int GOES_ON = 50;

  private static final Duration LOOK = Duration.ofMillis(50);
  private static final double NANOS_PER_SECOND = 1e9;

  /** Starts a cluster in a folder. */
  public interface Start {
    Cluster in(Path folder) throws IOException, InterruptedException;
  }

  private final Path within;
  private final FailoverSettings settings;
  private final Optional<PerformancePage> page;

  /**
   * A measurement.
   *
   * @param within a folder for the clusters
   * @param page where results are kept
   */
  public FailoverBenchmark(Path within, FailoverSettings settings, Optional<PerformancePage> page) {
    this.within = within;
    this.settings = settings;
    this.page = page;
  }

  private record Side(Cluster cluster, WriteProbe probe) {}

  private record Round(double seconds, int errors) {}

  /**
   * Runs it.
   *
   * @return whether every acknowledged write was found again, in every cluster
   */
  public boolean run(List<Start> clusters, Consumer<String> said)
      throws IOException, InterruptedException {
    List<Side> sides = new ArrayList<>();
    boolean kept = true;
    try {
      for (Start start : clusters) {
        Cluster cluster = start.in(within);
        said.accept("started " + cluster.name() + " (" + cluster.settings() + ")");
        sides.add(new Side(cluster, WriteProbe.start(cluster.target())));
      }
      List<String> machine = MachineFacts.lines(within);
      for (Scenario scenario : settings.scenarios()) {
        measure(scenario, sides, machine, said);
      }
      for (Side side : sides) {
        long lost = side.probe().lost();
        said.accept(
            "%s: %d writes acknowledged, %d of them lost or doubled"
                .formatted(side.cluster().name(), side.probe().count(), lost));
        kept &= lost == 0;
      }
      return kept;
    } finally {
      for (Side side : sides) {
        side.probe().close();
        side.cluster().close();
      }
    }
  }

  private void measure(
      Scenario scenario, List<Side> all, List<String> machine, Consumer<String> said)
      throws IOException, InterruptedException {
    List<PeerRun> peers = new ArrayList<>();
    List<Side> sides = new ArrayList<>();
    for (Side side : all) {
      String obstacle = side.cluster().obstacle(scenario);
      if (obstacle.isEmpty()) {
        sides.add(side);
      } else {
        peers.add(PeerRun.leftOut(side.cluster().name(), obstacle));
      }
    }
    List<List<Round>> rounds = new ArrayList<>();
    sides.forEach(_ -> rounds.add(new ArrayList<>()));
    for (int round = 1; round <= settings.rounds(); round++) {
      for (int i = 0; i < sides.size(); i++) {
        int turn = (i + round) % sides.size();
        Round result = round(scenario, sides.get(turn));
        rounds.get(turn).add(result);
        said.accept(
            String.format(
                Locale.ROOT,
                "%s, round %d of %d: %s; no write acknowledged for %.3f s, %d errors",
                scenario.id(),
                round,
                settings.rounds(),
                sides.get(turn).cluster().name(),
                result.seconds(),
                result.errors()));
      }
    }
    double first = median(rounds.getFirst());
    for (int i = 0; i < sides.size(); i++) {
      List<Round> own = rounds.get(i);
      String note =
          i == 0
              ? ""
              : String.format(
                  Locale.ROOT,
                  "%.2f times the pause of %s (medians)",
                  median(own) / first,
                  sides.getFirst().cluster().name());
      peers.add(
          new PeerRun(
              sides.get(i).cluster().name(),
              Map.of(
                  Figure.WRITE_PAUSE,
                  own.stream().map(Round::seconds).toList(),
                  Figure.ERRORS,
                  own.stream().map(one -> (double) one.errors()).toList()),
              note));
    }
    Run run =
        new Run(
            GROUP,
            scenario.id(),
            scenario.title(),
            LocalDate.now(ZoneOffset.UTC).toString(),
            machine,
            settings.rounds()
                + " rounds; one client writes a row each 2 ms; hosts are network namespaces of one"
                + " machine. "
                + String.join(". ", sides.stream().map(side -> side.cluster().settings()).toList())
                + ".",
            peers);
    said.accept("\n" + MarkdownReport.of(List.of(run)));
    page.ifPresent(one -> one.write(List.of(run)));
  }

  private static double median(List<Round> rounds) {
    return Quantiles.of(rounds.stream().map(Round::seconds).toList()).median();
  }

  private Round round(Scenario scenario, Side side) throws IOException, InterruptedException {
    Cluster cluster = side.cluster();
    WriteProbe probe = side.probe();
    awaitWhole(cluster);
    Thread.sleep(settings.settle());
    int primary = cluster.primary();
    if (primary == 0) {
      throw new BenchException(cluster.name() + " has no primary", "look at its logs");
    }
    probe.begin();
    switch (scenario) {
      case POSTMASTER_KILLED -> cluster.killPostmaster(primary);
      case HOST_LOST -> cluster.loseHost(primary);
      case HOST_FROZEN -> cluster.signalHost(primary, "STOP");
      case SWITCHOVER -> cluster.switchover();
    }
    awaitWrites(cluster, probe, scenario);
    Round result = new Round(probe.longest().toNanos() / NANOS_PER_SECOND, probe.errors());
    switch (scenario) {
      case HOST_LOST -> cluster.bringBack(primary);
      case HOST_FROZEN -> cluster.signalHost(primary, "CONT");
      case POSTMASTER_KILLED, SWITCHOVER -> {
        // it comes back by itself
      }
    }
    return result;
  }

  /** Writes may go on for a moment before they stop, so a gap must have been seen. */
  private void awaitWrites(Cluster cluster, WriteProbe probe, Scenario scenario)
      throws InterruptedException {
    long end = System.nanoTime() + settings.patience().toNanos();
    TimeUnit.SECONDS.sleep(1);
    long before = probe.count();
    while (probe.count() - before < GOES_ON) {
      if (System.nanoTime() - end > 0) {
        throw new BenchException(
            cluster.name() + " does not write again after " + scenario.id(), "look at its logs");
      }
      Thread.sleep(LOOK);
    }
  }

  private void awaitWhole(Cluster cluster) throws InterruptedException {
    long end = System.nanoTime() + settings.patience().toNanos();
    while (!cluster.isWhole()) {
      if (System.nanoTime() - end > 0) {
        throw new BenchException(cluster.name() + " is not whole again", "look at its logs");
      }
      Thread.sleep(LOOK);
    }
  }
}
