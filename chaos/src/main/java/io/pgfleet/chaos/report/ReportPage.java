package io.pgfleet.chaos.report;

import io.pgfleet.chaos.client.Journal.Counts;
import io.pgfleet.chaos.report.Run.FaultDone;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** A run as one HTML page that needs nothing else. */
public final class ReportPage {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

  private static final String STYLE =
      """
      :root { color-scheme: light; --ink: #1b1f24; --soft: #66707c; --line: #e3e6ea; }
      body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff;
        max-width: 1180px; margin: 32px auto; padding: 0 20px; }
      h1 { font-size: 24px; margin: 0 0 4px; }
      h2 { font-size: 17px; margin: 36px 0 8px; }
      p { margin: 4px 0; } .soft { color: var(--soft); }
      .verdict { display: inline-block; padding: 3px 12px; border-radius: 4px; font-weight: 600;
        margin: 12px 0; }
      .verdict.held { background: #dff3e4; color: #14602b; }
      .verdict.broken { background: #fbdcd9; color: #8f1a11; }
      table { border-collapse: collapse; width: 100%; font-size: 14px; }
      th { text-align: left; font-weight: 600; color: var(--soft); }
      th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line);
        vertical-align: top; }
      td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
      svg { width: 100%; height: auto; display: block; margin: 0 0 14px; }
      svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
      .lane { text-anchor: end; } svg .tick { fill: var(--soft); text-anchor: middle; }
      svg .number { font-size: 11px; font-weight: 600; pointer-events: none; }
      .grid { stroke: var(--line); }
      .fault { fill: #f0a35e; } .healing { fill: #fbe6d2; } .outage { fill: #c9362b; }
      .primary { fill: #2f7d4f; } .standby { fill: #a9d2b8; } .blocked { fill: #e0b93a; }
      .down { fill: #cdd2d8; } .silent { fill: #7d8793; }
      .key { font-size: 13px; color: var(--soft); margin: 0 0 8px; }
      .key span { display: inline-block; margin-right: 16px; }
      .key i { display: inline-block; width: 12px; height: 12px; margin-right: 5px;
        vertical-align: -1px; }
      """;

  private static final List<List<String>> KEY =
      List.of(
          List.of("#f0a35e", "fault"),
          List.of("#fbe6d2", "until the group was whole"),
          List.of("#2f7d4f", "primary"),
          List.of("#a9d2b8", "standby"),
          List.of("#e0b93a", "writes do not finish"),
          List.of("#cdd2d8", "refuses connections"),
          List.of("#7d8793", "does not answer"),
          List.of("#c9362b", "no client's write acknowledged"));

  private final Run run;
  private final StringBuilder page = new StringBuilder();

  private ReportPage(Run run) {
    this.run = run;
  }

  /** The page of a run. */
  public static String of(Run run) {
    return new ReportPage(run).write();
  }

  private String write() {
    add("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    add("<title>pgfleet chaos, seed " + run.seed() + "</title>");
    add("<style>" + STYLE + "</style></head><body>");
    head();
    violations();
    timeline();
    kinds();
    traffic();
    faults();
    notes();
    add("</body></html>");
    return page.toString();
  }

  private void add(String html) {
    page.append(html).append('\n');
  }

  private void head() {
    add("<h1>pgfleet chaos</h1>");
    add(
        "<p class=\"soft\">Seed "
            + run.seed()
            + ", "
            + TIME.format(run.began())
            + ", "
            + run.faults().size()
            + " faults in "
            + minutes(run.length())
            + ". "
            + run.nodes().size()
            + " nodes and a gateway, each on a host of its own; "
            + Html.text(run.versions())
            + "; lease "
            + run.lease().toSeconds()
            + " s, durability "
            + (run.strict() ? "strict" : "quorum")
            + ".</p>");
    add(
        run.passed()
            ? "<p class=\"verdict held\">Every promise held</p>"
            : "<p class=\"verdict broken\">" + run.violations().size() + " promises broken</p>");
  }

  private void violations() {
    if (run.passed()) {
      return;
    }
    add("<h2>Broken promises</h2><ul>");
    run.violations().forEach(one -> add("<li>" + Html.text(one) + "</li>"));
    add("</ul>");
  }

  private void timeline() {
    add("<h2>Time line</h2><p class=\"key\">");
    KEY.forEach(one ->
        add("<span><i style=\"background:" + one.get(0) + "\"></i>" + one.get(1) + "</span>"));
    add("</p>");
    for (Duration from = clientsBegan();
        from.compareTo(run.length()) < 0;
        from = from.plus(Timeline.STRETCH)) {
      Duration end = from.plus(Timeline.STRETCH);
      add(Timeline.of(run, from, end.compareTo(run.length()) > 0 ? run.length() : end));
    }
  }

  /** Whole ticks, so that every picture begins with one. */
  private Duration clientsBegan() {
    long first = run.roles().stream().mapToLong(span -> span.from().toSeconds()).min().orElse(0);
    return Duration.ofSeconds(first / Timeline.TICK_SECONDS * Timeline.TICK_SECONDS);
  }

  private void kinds() {
    add("<h2>By kind of fault</h2><table><tr><th>fault</th><th class=\"n\">count</th>");
    add("<th class=\"n\">outage, median</th><th class=\"n\">longest</th>");
    add("<th class=\"n\">whole after, median</th><th class=\"n\">longest</th>");
    add("<th class=\"n\">client errors</th></tr>");
    for (KindSummary one : KindSummary.of(run.faults())) {
      add("<tr><td>" + one.kind().label() + "<br><span class=\"soft\">" + one.kind().sentence());
      add("</span></td>" + number(Integer.toString(one.count())));
      add(number(Html.seconds(one.outageMedian())) + number(Html.seconds(one.outageLongest())));
      add(number(Html.seconds(one.wholeMedian())));
      add(
          number(
              one.notWhole() == 0
                  ? Html.seconds(one.wholeLongest())
                  : one.notWhole() + " not whole"));
      add(number(Integer.toString(one.errors())) + "</tr>");
    }
    add("</table>");
    add("<p class=\"soft\">Outage: the longest time that one client waited from an acknowledged");
    add("write to its next one, until the next fault. Whole: from the end of the fault until");
    add("there was one primary, all standbys streamed, and a write went through.</p>");
  }

  private void traffic() {
    add("<h2>Clients</h2><table><tr><th>writes</th><th class=\"n\">acknowledged</th>");
    add("<th class=\"n\">refused</th><th class=\"n\">unknown</th></tr>");
    row("appends", run.traffic().appends());
    row("transfers", run.traffic().transfers());
    row("straight to a server", run.traffic().probes());
    add("</table><p class=\"soft\">" + run.traffic().reads() + " reads were checked; clients saw ");
    add(run.traffic().errors() + " errors.</p>");
  }

  private void row(String name, Counts counts) {
    add("<tr><td>" + name + "</td>" + number(Long.toString(counts.acknowledged())));
    add(number(Long.toString(counts.failed())) + number(Long.toString(counts.unknown())) + "</tr>");
  }

  private void faults() {
    add("<h2>Faults in order</h2><table><tr><th class=\"n\">no.</th><th>at</th><th>fault</th>");
    add("<th>on</th><th class=\"n\">lasted</th><th class=\"n\">outage</th>");
    add("<th class=\"n\">whole after</th><th class=\"n\">client errors</th></tr>");
    for (FaultDone one : run.faults()) {
      add("<tr>" + number(Integer.toString(one.fault().number())));
      add("<td>" + minutes(one.begun()) + "</td><td>" + one.fault().kind().label() + "</td>");
      add("<td>" + Html.text(one.target()) + "</td>");
      add(number(Html.seconds(one.undone().minus(one.begun()))));
      add(number(Html.seconds(one.outage())));
      add(number(one.whole().map(at -> Html.seconds(at.minus(one.undone()))).orElse("not whole")));
      add(number(Integer.toString(one.errors())) + "</tr>");
    }
    add("</table>");
  }

  private void notes() {
    if (!run.notes().isEmpty()) {
      add("<h2>Processes that ended by themselves</h2><ul>");
      run.notes().forEach(note -> add("<li>" + Html.text(note) + "</li>"));
      add("</ul>");
    }
  }

  private static String number(String value) {
    return "<td class=\"n\">" + value + "</td>";
  }

  private static String minutes(Duration duration) {
    return String.format(
        java.util.Locale.ROOT, "%d:%02d", duration.toMinutes(), duration.toSecondsPart());
  }
}
