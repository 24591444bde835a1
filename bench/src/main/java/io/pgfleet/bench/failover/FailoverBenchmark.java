package io.pgfleet.bench.failover;

import io.pgfleet.bench.MachineFacts;
import io.pgfleet.bench.Quantiles;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.figures.MarkdownReport;
import io.pgfleet.bench.figures.PeerRun;
import io.pgfleet.bench.figures.PerformancePage;
import io.pgfleet.bench.figures.Run;
import io.pgfleet.testkit.fleet.WorkFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One client writes row after row through the address of applications while the primary is lost or
 * moved; what counts is the time from its last acknowledged write to the next. The clusters take
 * turns within each round, and nobody writes to one whose turn it is not. Planned moves happen
 * under the load of more clients. At the end every acknowledged row must be there once.
 */
public final class FailoverBenchmark {
  /** The group of its results. */
  public static final String GROUP = "failover";

  private static final double NANOS_PER_SECOND = 1e9;
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** Starts a cluster in a folder. */
  public interface Start {
    Cluster in(Path folder) throws IOException, InterruptedException;
  }

  private final Place place;
  private final FailoverSettings settings;
  private final Optional<PerformancePage> page;

  /**
   * Where clusters are made.
   *
   * @param within a folder that servers may write below
   * @param keep whether the clusters' folders stay, with their logs
   */
  public record Place(Path within, boolean keep) {}

  /**
   * A measurement.
   *
   * @param page where results are kept
   */
  public FailoverBenchmark(Place place, FailoverSettings settings, Optional<PerformancePage> page) {
    this.place = place;
    this.settings = settings;
    this.page = page;
  }

  /**
   * Runs it.
   *
   * @return whether every acknowledged write was found again, in every cluster
   */
  public boolean run(List<Start> clusters, Consumer<String> said)
      throws IOException, InterruptedException {
    try (WorkFolder folder = WorkFolder.create(place.within(), "pgfleet-failover-", place.keep())) {
      if (place.keep()) {
        said.accept("the clusters and their logs stay in " + folder.path());
      }
      return run(clusters, folder.path(), said);
    }
  }

  private boolean run(List<Start> clusters, Path folder, Consumer<String> said)
      throws IOException, InterruptedException {
    List<Side> sides = new ArrayList<>();
    boolean kept = true;
    try {
      for (Start start : clusters) {
        Cluster cluster = start.in(folder);
        said.accept("started " + cluster.name() + " (" + cluster.settings() + ")");
        sides.add(Side.begin(cluster, settings, said));
      }
      List<String> machine = MachineFacts.lines(place.within());
      for (Scenario scenario : settings.scenarios()) {
        measure(scenario, sides, machine, said);
      }
      for (Side side : sides) {
        int lost = side.lost();
        said.accept(
            "%s: %d writes acknowledged, %d of them lost or doubled"
                .formatted(side.cluster().name(), side.count(), lost));
        kept &= lost == 0;
      }
      return kept;
    } finally {
      sides.forEach(Side::close);
    }
  }

  private void measure(
      Scenario scenario, List<Side> sides, List<String> machine, Consumer<String> said)
      throws IOException, InterruptedException {
    List<List<Side.Round>> rounds = new ArrayList<>();
    sides.forEach(_ -> rounds.add(new ArrayList<>()));
    for (int round = 1; round <= settings.rounds(scenario); round++) {
      for (int i = 0; i < sides.size(); i++) {
        int turn = (i + round) % sides.size();
        Side side = sides.get(turn);
        side.write(scenario == Scenario.SWITCHOVER);
        Side.Round result = side.round(scenario);
        side.rest();
        rounds.get(turn).add(result);
        said.accept(line(scenario, round, side, result));
      }
    }
    List<PeerRun> peers = new ArrayList<>();
    for (int i = 0; i < sides.size(); i++) {
      String against =
          i == 0
              ? ""
              : String.format(
                  Locale.ROOT,
                  "%.2f times the pause of %s (medians)",
                  median(rounds.get(i)) / median(rounds.getFirst()),
                  sides.getFirst().cluster().name());
      peers.add(
          new PeerRun(sides.get(i).cluster().name(), figures(scenario, rounds.get(i)), against));
    }
    Run run =
        new Run(
            GROUP,
            scenario.id(),
            scenario.title(),
            LocalDate.now(ZoneOffset.UTC).toString(),
            machine,
            settings.rounds(scenario)
                + " rounds; one client writes a row each 2 ms; hosts are network namespaces of one"
                + " machine. "
                + String.join(". ", sides.stream().map(side -> side.cluster().settings()).toList())
                + ".",
            peers);
    said.accept("\n" + MarkdownReport.of(List.of(run)));
    page.ifPresent(one -> one.write(List.of(run)));
  }

  private String line(Scenario scenario, int round, Side side, Side.Round result) {
    Instant from = result.gap().from();
    return String.format(
        Locale.ROOT,
        "%s, round %d of %d: %s; no write acknowledged for %.3f s (%s to %s), %d errors%s%s",
        scenario.id(),
        round,
        settings.rounds(scenario),
        side.cluster().name(),
        seconds(result.gap().length()),
        CLOCK.format(from),
        CLOCK.format(from.plus(result.gap().length())),
        result.errors(),
        result.lastError().isEmpty() ? "" : " such as '" + result.lastError() + "'",
        scenario == Scenario.HOST_FROZEN
            ? "; the former primary acknowledged %d writes, and accepted %d straight"
                .formatted(result.former().acknowledged(), result.former().accepted())
            : "");
  }

  private static Map<Figure, List<Double>> figures(Scenario scenario, List<Side.Round> rounds) {
    Map<Figure, List<Double>> figures = new EnumMap<>(Figure.class);
    figures.put(
        Figure.WRITE_PAUSE, rounds.stream().map(one -> seconds(one.gap().length())).toList());
    figures.put(Figure.ERRORS, rounds.stream().map(one -> (double) one.errors()).toList());
    switch (scenario) {
      case SWITCHOVER ->
          figures.put(
              Figure.LONGEST_PAUSE, rounds.stream().map(one -> seconds(one.longest())).toList());
      case HOST_FROZEN -> {
        figures.put(
            Figure.FORMER_ACKNOWLEDGED,
            rounds.stream().map(one -> (double) one.former().acknowledged()).toList());
        figures.put(
            Figure.FORMER_ACCEPTED,
            rounds.stream().map(one -> (double) one.former().accepted()).toList());
      }
      case POSTMASTER_KILLED, HOST_LOST -> {
        // nothing more to tell
      }
    }
    return figures;
  }

  private static double seconds(Duration time) {
    return time.toNanos() / NANOS_PER_SECOND;
  }

  private static double median(List<Side.Round> rounds) {
    return Quantiles.of(rounds.stream().map(one -> seconds(one.gap().length())).toList()).median();
  }
}
