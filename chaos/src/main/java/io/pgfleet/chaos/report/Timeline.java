package io.pgfleet.chaos.report;

import io.pgfleet.chaos.check.Outages.Gap;
import io.pgfleet.chaos.client.RoleSpan;
import io.pgfleet.chaos.report.Run.FaultDone;
import java.time.Duration;
import java.util.Locale;

/** A stretch of a run as an SVG: lanes for faults, for each node's role, and for outages. */
final class Timeline {
  /** How much of a run one picture shows. */
  static final Duration STRETCH = Duration.ofMinutes(3);

  /** The distance of the lines in it. */
  static final int TICK_SECONDS = 10;

  private static final int LEFT = 74;
  private static final int WIDTH = 1080;
  private static final int LANE = 22;
  private static final int BAR = 16;
  private static final int AXIS = 24;

  private static final int LABEL_EACH = 3;

  private final Run run;
  private final Duration from;
  private final Duration to;
  private final StringBuilder svg = new StringBuilder();

  private Timeline(Run run, Duration from, Duration to) {
    this.run = run;
    this.from = from;
    this.to = to;
  }

  /** The picture of a stretch. */
  static String of(Run run, Duration from, Duration to) {
    return new Timeline(run, from, to).draw();
  }

  private String draw() {
    int lanes = run.nodes().size() + 2;
    int height = lanes * LANE + AXIS;
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"time line\">%n",
            LEFT + WIDTH + 6,
            height));
    grid(lanes);
    lane(0, "faults");
    for (FaultDone fault : run.faults()) {
      fault(fault);
    }
    for (int i = 0; i < run.nodes().size(); i++) {
      String node = run.nodes().get(i);
      lane(i + 1, node);
      for (RoleSpan span : run.roles()) {
        if (span.node().equals(node)) {
          String state = span.state().name().toLowerCase(Locale.ROOT);
          bar(i + 1, span.from(), span.to(), state, node + " " + state);
        }
      }
    }
    lane(lanes - 1, "no writes");
    for (Gap gap : run.outages()) {
      bar(lanes - 1, gap.from(), gap.to(), "outage", "no write acknowledged");
    }
    return svg.append("</svg>\n").toString();
  }

  private void grid(int lanes) {
    long first = from.toSeconds() / TICK_SECONDS;
    long last = to.toSeconds() / TICK_SECONDS;
    for (long tick = first; tick <= last; tick++) {
      double x = x(Duration.ofSeconds(tick * TICK_SECONDS));
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%d\"/>%n",
              x,
              x,
              lanes * LANE));
      if (tick % LABEL_EACH == 0) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<text class=\"tick\" x=\"%.1f\" y=\"%d\">%s</text>%n",
                x,
                lanes * LANE + 15,
                clock(Duration.ofSeconds(tick * TICK_SECONDS))));
      }
    }
  }

  private void lane(int number, String name) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"lane\" x=\"%d\" y=\"%d\">%s</text>%n",
            LEFT - 8,
            number * LANE + 15,
            Html.text(name)));
  }

  private void fault(FaultDone fault) {
    Duration healed = fault.whole().orElse(run.length());
    String words =
        fault.fault().number() + " " + fault.fault().kind().label() + ", " + fault.target();
    bar(0, fault.undone(), healed, "healing", words + ": until the group was whole");
    bar(0, fault.begun(), fault.undone(), "fault", words);
    if (shown(fault.begun(), fault.begun())) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text class=\"number\" x=\"%.1f\" y=\"15\">%d</text>%n",
              x(fault.begun()) + 3,
              fault.fault().number()));
    }
  }

  private void bar(int lane, Duration begin, Duration end, String style, String words) {
    if (!shown(begin, end)) {
      return;
    }
    double left = x(begin.compareTo(from) < 0 ? from : begin);
    double right = x(end.compareTo(to) > 0 ? to : end);
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\">"
                + "<title>%s, %s to %s (%s)</title></rect>%n",
            style,
            left,
            lane * LANE + 3,
            Math.max(1.5, right - left),
            BAR,
            Html.text(words),
            clock(begin),
            clock(end),
            Html.seconds(end.minus(begin))));
  }

  private boolean shown(Duration begin, Duration end) {
    return end.compareTo(from) >= 0 && begin.compareTo(to) < 0;
  }

  private double x(Duration moment) {
    double share = (double) moment.minus(from).toMillis() / STRETCH.toMillis();
    return LEFT + share * WIDTH;
  }

  private static String clock(Duration moment) {
    return String.format(Locale.ROOT, "%d:%02d", moment.toMinutes(), moment.toSecondsPart());
  }
}
