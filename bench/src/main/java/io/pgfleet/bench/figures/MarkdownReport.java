package io.pgfleet.bench.figures;

import io.pgfleet.bench.Quantiles;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs as Markdown: a table each, and where and when they were measured. */
public final class MarkdownReport {
  private MarkdownReport() {}

  /** Some runs of one command. */
  public static String of(List<Run> runs) {
    List<String> lines = new ArrayList<>();
    String before = "";
    for (Run run : runs) {
      String place = place(run);
      if (!place.equals(before)) {
        lines.add(place);
        lines.add("");
        before = place;
      }
      lines.add("**" + run.title() + "**");
      lines.add("");
      lines.addAll(table(run));
      lines.add("");
    }
    return String.join("\n", lines);
  }

  private static String place(Run run) {
    return "Measured on "
        + run.date()
        + ". "
        + run.settings()
        + "\n\n"
        + run.machine().stream().map(line -> "- " + line).collect(Collectors.joining("\n"));
  }

  private static List<String> table(Run run) {
    Set<Figure> shown = EnumSet.noneOf(Figure.class);
    run.peers().forEach(peer -> shown.addAll(peer.figures().keySet()));
    Optional<PeerRun> baseline = run.baseline();
    List<String> lines = new ArrayList<>();
    Stream<String> heads = shown.stream().map(Figure::title);
    if (baseline.isPresent()) {
      heads = Stream.concat(heads, Stream.of("times " + baseline.get().name()));
    }
    List<String> head = heads.toList();
    lines.add("| | " + String.join(" | ", head) + " |");
    lines.add("|---|" + "---:|".repeat(head.size()));
    for (PeerRun peer : run.peers()) {
      lines.add("| " + row(peer, shown, baseline) + " |");
    }
    run.peers().stream()
        .filter(peer -> !peer.note().isEmpty())
        .forEach(peer -> lines.add("\n" + peer.name() + ": " + peer.note() + "."));
    return lines;
  }

  private static String row(PeerRun peer, Set<Figure> shown, Optional<PeerRun> baseline) {
    List<String> cells = new ArrayList<>(List.of(peer.name()));
    for (Figure figure : shown) {
      cells.add(peer.of(figure).map(values -> cell(figure, values)).orElse("-"));
    }
    baseline.ifPresent(other ->
        cells.add(
            peer.name().equals(other.name())
                ? "1"
                : peer.ratio(other).map(MarkdownReport::ratio).orElse("-")));
    return String.join(" | ", cells);
  }

  private static String cell(Figure figure, Quantiles values) {
    String median = figure.text(values.median());
    return figure.isThroughput() && values.count() > 1
        ? median
            + " ("
            + figure.text(values.minimum())
            + " to "
            + figure.text(values.maximum())
            + ")"
        : median;
  }

  private static String ratio(Quantiles ratio) {
    return ratio.count() == 1
        ? String.format(Locale.ROOT, "%.2f", ratio.median())
        : String.format(
            Locale.ROOT,
            "**%.2f** (%.2f to %.2f)",
            ratio.median(),
            ratio.minimum(),
            ratio.maximum());
  }
}
