package io.pgfleet.bench.backup;

import io.pgfleet.bench.Quantiles;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.figures.PeerRun;
import io.pgfleet.bench.figures.Run;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the rounds of all sides come to.
 *
 * @param bytes of the database, by which all throughputs are counted
 * @param ending of the loads' names
 */
record BackupReport(String date, List<String> machine, String settings, long bytes, String ending) {
  private static final double MEGA = 1e6;
  private static final double NANOS = 1e9;

  /** One round of one side. */
  record Round(Side.Taken taken, Side.Restored restored) {}

  /**
   * All rounds of one side.
   *
   * @param name with its version
   */
  record Rounds(String name, List<Round> rounds) {
    Rounds {
      rounds = List.copyOf(rounds);
    }

    private List<Double> each(Function<Round, Double> value) {
      return rounds.stream().map(value).toList();
    }
  }

  /** The runs; the first side is whom the others are compared with. */
  List<Run> runs(List<Rounds> sides) {
    return List.of(
        run("backup", "a full backup", sides, this::backup),
        run("restore", "a restore, until all files are on disk", sides, this::files),
        run("recovery", "a restore, until the server takes writes", sides, this::serving));
  }

  private Run run(
      String load,
      String title,
      List<Rounds> sides,
      Function<Rounds, Map<Figure, List<Double>>> figures) {
    String full = title + (ending.isEmpty() ? "" : ", encrypted");
    PeerRun other = new PeerRun(sides.getFirst().name(), figures.apply(sides.getFirst()), "");
    List<PeerRun> peers = new ArrayList<>(List.of(other));
    for (Rounds side : sides.subList(1, sides.size())) {
      PeerRun plain = new PeerRun(side.name(), figures.apply(side), "");
      peers.add(new PeerRun(plain.name(), plain.figures(), note(plain, other)));
    }
    return new Run(BackupBenchmark.GROUP, load + ending, full, date, machine, settings, peers);
  }

  private Map<Figure, List<Double>> backup(Rounds side) {
    Map<Figure, List<Double>> figures = speed(side, round -> round.taken().cost());
    figures.put(Figure.STORED, side.each(round -> round.taken().stored() / MEGA));
    figures.put(Figure.SERVER_PROCESSOR, side.each(round -> seconds(round.taken().server())));
    return figures;
  }

  private Map<Figure, List<Double>> files(Rounds side) {
    return speed(side, round -> round.restored().files());
  }

  /** Of one side the server runs the commands that fetch WAL, of the other it does not. */
  private Map<Figure, List<Double>> serving(Rounds side) {
    Map<Figure, List<Double>> figures = speed(side, round -> round.restored().whole());
    figures.put(
        Figure.PROCESSOR,
        side.each(round ->
            seconds(round.restored().whole().processor().plus(round.restored().server()))));
    figures.remove(Figure.MEMORY_PEAK);
    return figures;
  }

  private Map<Figure, List<Double>> speed(Rounds side, Function<Round, Cost> cost) {
    Map<Figure, List<Double>> figures = new EnumMap<>(Figure.class);
    Function<Round, Double> time = round -> seconds(cost.apply(round).time());
    figures.put(Figure.MEGABYTES, side.each(round -> bytes / MEGA / time.apply(round)));
    figures.put(Figure.TIME, side.each(time));
    figures.put(Figure.PROCESSOR, side.each(round -> seconds(cost.apply(round).processor())));
    figures.put(Figure.MEMORY_PEAK, side.each(round -> cost.apply(round).peak() / MEGA));
    return figures;
  }

  /** How often the other side's processor time and memory ours are. */
  private static String note(PeerRun ours, PeerRun other) {
    List<String> parts =
        List.of(Figure.PROCESSOR, Figure.MEMORY_PEAK).stream()
            .flatMap(figure -> times(figure, ours, other).stream())
            .toList();
    return parts.isEmpty()
        ? ""
        : String.join(" and ", parts) + " of " + other.name() + " (medians)";
  }

  private static Optional<String> times(Figure figure, PeerRun ours, PeerRun other) {
    Optional<Double> theirs = other.of(figure).map(Quantiles::median).filter(median -> median > 0);
    return theirs.flatMap(divisor ->
        ours.of(figure)
            .map(values ->
                String.format(
                    Locale.ROOT,
                    "%.2f times the %s",
                    values.median() / divisor,
                    figure == Figure.PROCESSOR ? "processor time" : "memory")));
  }

  private static double seconds(Duration time) {
    return time.toNanos() / NANOS;
  }

  /** One round of one side, as it comes. */
  String line(int round, String name, Side.Taken taken) {
    return String.format(
        Locale.ROOT,
        "round %d: %s, backup: %s, %.2f s of the server's, %.0f MB stored",
        round,
        name,
        words(taken.cost()),
        seconds(taken.server()),
        taken.stored() / MEGA);
  }

  /** The same of a restore. */
  String line(int round, String name, Side.Restored restored) {
    return String.format(
        Locale.ROOT,
        "round %d: %s, restore: %s; takes writes after %.2f s",
        round,
        name,
        words(restored.files()),
        seconds(restored.whole().time()));
  }

  private String words(Cost cost) {
    return String.format(
        Locale.ROOT,
        "%.2f s (%.0f MB/s), %.2f s of processor time, %.0f MB of memory",
        seconds(cost.time()),
        bytes / MEGA / seconds(cost.time()),
        seconds(cost.processor()),
        cost.peak() / MEGA);
  }
}
