package io.pgfleet.bench.figures;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Throughputs as SVG: a group of bars for each load, the longest bar of each group being its best
 * peer. Colours follow the reader's light or dark mode; each bar carries its number, so that the
 * chart can be read without colours too.
 */
public final class BarChart {
  private static final int WIDTH = 820;
  private static final int LEFT = 190;
  private static final int RIGHT = 150;
  private static final int BAR = 13;
  private static final int GAP = 3;
  private static final int GROUP_GAP = 26;
  private static final int TOP = 34;

  /** Told apart by people who see fewer colours too (Okabe and Ito's palette). */
  private static final List<String> COLOURS =
      List.of("#8a8a8a", "#0072b2", "#56b4e9", "#cc79a7", "#009e73", "#e69f00");

  private BarChart() {}

  /** The chart of some runs; those without throughput are left out. */
  public static String of(String title, List<Run> runs) {
    List<String> body = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    runs.forEach(run -> run.peers().forEach(peer -> names.add(peer.name())));
    List<String> order = List.copyOf(names);
    int y = TOP;
    for (Run run : runs) {
      double best =
          run.peers().stream()
              .map(BarChart::throughput)
              .flatMap(Optional::stream)
              .mapToDouble(Double::doubleValue)
              .max()
              .orElse(0);
      if (best <= 0) {
        continue;
      }
      body.add(text("head", 10, y, "start", run.title()));
      y += 8;
      for (PeerRun peer : run.peers()) {
        Optional<Double> value = throughput(peer);
        if (value.isPresent()) {
          body.addAll(bar(peer, value.get(), best, order.indexOf(peer.name()), y));
          y += BAR + GAP;
        }
      }
      y += GROUP_GAP;
    }
    return frame(title, y, body);
  }

  private static Optional<Double> throughput(PeerRun peer) {
    return peer.throughput().flatMap(peer::of).map(values -> values.median());
  }

  private static List<String> bar(PeerRun peer, double value, double best, int colour, int y) {
    double length = (WIDTH - LEFT - RIGHT) * value / best;
    int base = y + BAR - 3;
    Figure figure = peer.throughput().orElseThrow();
    return List.of(
        text("name", LEFT - 8, base, "end", peer.name()),
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
            LEFT,
            y,
            length,
            BAR,
            COLOURS.get(Math.floorMod(colour, COLOURS.size()))),
        text(
            "value",
            (int) (LEFT + length + 6),
            base,
            "start",
            figure.text(value) + (figure == Figure.MEGABYTES ? " MB/s" : " / s")));
  }

  private static String text(String kind, int x, int y, String anchor, String words) {
    return "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>"
        .formatted(kind, x, y, anchor, escape(words));
  }

  private static String frame(String title, int height, List<String> body) {
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">
    <style>
    text { font: 12px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 15px; font-weight: 600; }
    .head { font-weight: 600; }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
    </style>
    <text class="title" x="10" y="16">%s</text>
    """
            .formatted(WIDTH, height, escape(title), escape(title))
        + String.join("\n", body)
        + "\n</svg>\n";
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
