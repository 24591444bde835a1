package io.pgfleet.bench.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.bench.BenchException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

final class ReportTest {
  private static PeerRun peer(String name, Double... tps) {
    return new PeerRun(
        name, Map.of(Figure.TPS, List.of(tps), Figure.CPU, List.of(1.5, 1.25, 2.0)), "");
  }

  private static Run run(String load, PeerRun... peers) {
    return new Run(
        "gateway", load, "select & more", "2026-11-21", List.of("CPU: 2"), "Set.", List.of(peers));
  }

  private static final Run RUN =
      run(
          "select",
          peer("direct", 200.0, 400.0, 800.0),
          peer("PgBouncer 1.18", 100.0, 200.0, 400.0),
          peer("pgfleet gateway", 90.0, 220.0, 480.0),
          PeerRun.leftOut("Pgpool-II", "does not start"));

  @Test
  void peersAreComparedRoundByRoundWithPgbouncer() {
    assertThat(MarkdownReport.of(List.of(RUN)))
        .contains("| | transactions / s | CPU s / 100,000 | times PgBouncer 1.18 |")
        .contains("| direct | 400 (200 to 800) | 1.50 | **2.00** (2.00 to 2.00) |")
        .contains("| PgBouncer 1.18 | 200 (100 to 400) | 1.50 | 1 |")
        .contains("| pgfleet gateway | 220 (90 to 480) | 1.50 | **1.10** (0.90 to 1.20) |")
        .contains("| Pgpool-II | - | - | - |")
        .contains("Pgpool-II: does not start.");
  }

  @Test
  void withoutPgbouncersFiguresTheyAreComparedWithNoProxy() {
    Run run =
        run(
            "prepared",
            peer("direct", 200.0, 400.0),
            PeerRun.leftOut("PgBouncer 1.18", "does not keep prepared statements"),
            peer("pgfleet gateway", 100.0, 300.0));
    assertThat(MarkdownReport.of(List.of(run)))
        .contains("times direct")
        .contains("**0.63** (0.50 to 0.75)");
  }

  @Test
  void backupsAreComparedWithPgbackrest() {
    Run run =
        new Run(
            "backup",
            "backup",
            "a full backup",
            "2026-11-22",
            List.of("CPU: 2"),
            "Set.",
            List.of(
                new PeerRun(
                    "pgBackRest 2.45",
                    Map.of(
                        Figure.MEGABYTES, List.of(100.0, 110.0, 90.0),
                        Figure.TIME, List.of(20.0, 18.0, 22.0)),
                    ""),
                new PeerRun(
                    "pgfleet",
                    Map.of(
                        Figure.MEGABYTES, List.of(150.0, 110.0, 180.0),
                        Figure.TIME, List.of(13.3, 18.0, 11.0)),
                    "")));
    assertThat(MarkdownReport.of(List.of(run)))
        .contains("| | MB / s | time, s | times pgBackRest 2.45 |")
        .contains("| pgfleet | 150 (110 to 180) | 13.30 | **1.50** (1.00 to 2.00) |");
  }

  @Test
  void placeAndTimeAreSaidOnceForRunsThatShareThem() {
    String text = MarkdownReport.of(List.of(RUN, run("other", peer("direct", 1.0))));
    assertThat(text.split("Measured on 2026-11-21", -1)).hasSize(2);
    assertThat(text).contains("- CPU: 2");
  }

  @Test
  void whatIsKeptIsReadAsItWasWritten() {
    Results results = new Results(List.of(RUN));
    assertThat(Results.parse(results.json())).isEqualTo(results);
  }

  @Test
  void aNewRunTakesThePlaceOfTheFormerOneOfItsLoad() {
    Run again = run("select", peer("direct", 7.0));
    Run other = run("more", peer("direct", 8.0));
    assertThat(new Results(List.of(RUN)).with(List.of(other, again)).runs())
        .containsExactly(again, other);
  }

  @Test
  void aBrokenFileOfResultsIsRefused() {
    assertThatThrownBy(() -> Results.parse("{\"runs\":[{\"group\":"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("can't be read");
    assertThatThrownBy(() -> Results.parse("{}")).isInstanceOf(BenchException.class);
    assertThatThrownBy(
            () -> Results.parse(new Results(List.of(RUN)).json().replace("\"tps\"", "\"speed\"")))
        .hasMessageContaining("speed");
  }

  @Test
  void onlyWhatStandsBetweenTheMarkersIsWritten() {
    String page = "a\n<!-- bench gateway: begin -->\nold\n<!-- bench gateway: end -->\nz\n";
    assertThat(PerformancePage.between(page, "gateway", "new\n"))
        .isEqualTo("a\n<!-- bench gateway: begin -->\n\nnew\n\n<!-- bench gateway: end -->\nz\n");
    assertThatThrownBy(() -> PerformancePage.between(page, "clients", ""))
        .hasMessageContaining("<!-- bench clients: begin -->");
  }

  @Test
  void theChartIsXmlWithABarForEachPeerThatHasThroughputs() throws Exception {
    String svg = BarChart.of("more \"is\" better", List.of(RUN));
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    var bars = document.getElementsByTagName("rect");
    assertThat(bars.getLength()).isEqualTo(3);
    double direct = width(bars.item(0));
    assertThat(width(bars.item(1)) / direct)
        .isCloseTo(0.5, org.assertj.core.data.Offset.offset(0.01));
    assertThat(svg).contains("select &amp; more", ">220 / s<", "prefers-color-scheme: dark");
  }

  private static double width(org.w3c.dom.Node bar) {
    return Double.parseDouble(bar.getAttributes().getNamedItem("width").getNodeValue());
  }
}
