package io.pgfleet.chaos.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.chaos.check.Outages.Gap;
import io.pgfleet.chaos.client.Journal.Counts;
import io.pgfleet.chaos.client.RoleSpan;
import io.pgfleet.chaos.plan.Fault;
import io.pgfleet.chaos.plan.FaultKind;
import io.pgfleet.chaos.report.Run.FaultDone;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class ReportPageTest {
  private static Duration s(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static FaultDone fault(
      int number, FaultKind kind, Optional<Duration> whole, long outage) {
    Fault fault = new Fault(number, kind, Fault.Victim.PRIMARY, 0, s(5), s(2));
    return new FaultDone(fault, "n1", s(100L * number), s(100L * number + 5), whole, s(outage), 2);
  }

  private static Run run(List<String> violations) {
    return new Run(
        42,
        Instant.parse("2026-11-21T10:00:00Z"),
        s(420),
        s(3),
        false,
        "PostgreSQL 18.6",
        List.of(
            fault(1, FaultKind.HOST_LOST, Optional.of(s(109)), 4),
            fault(2, FaultKind.HOST_LOST, Optional.of(s(207)), 6),
            fault(3, FaultKind.HOST_LOST, Optional.of(s(306)), 5),
            fault(4, FaultKind.DISK_FULL, Optional.empty(), 20)),
        List.of("n1", "n2"),
        List.of(
            new RoleSpan("n1", RoleSpan.State.PRIMARY, s(30), s(100)),
            new RoleSpan("n1", RoleSpan.State.SILENT, s(100), s(110)),
            new RoleSpan("n2", RoleSpan.State.STANDBY, s(30), s(420))),
        List.of(new Gap(s(100), s(104))),
        new Run.Traffic(new Counts(1, 2, 3), new Counts(4, 5, 6), new Counts(7, 8, 9), 10, 11),
        List.of("the agent of n1 <ended>"),
        violations);
  }

  @Test
  void thePictureIsWellFormedAndHasEveryLane() throws Exception {
    String svg = Timeline.of(run(List.of()), s(30), s(210));
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertThat(document.getElementsByTagName("rect").getLength())
        .as("two faults with their healing, three roles, one outage")
        .isEqualTo(8);
    assertThat(svg).contains(">faults<", ">n1<", ">n2<", ">no writes<", ">1<", ">2<");
  }

  @Test
  void kindsAreSummedUpByMedianAndLongest() {
    List<KindSummary> kinds = KindSummary.of(run(List.of()).faults());
    assertThat(kinds)
        .containsExactly(
            new KindSummary(FaultKind.HOST_LOST, 3, s(5), s(6), s(2), s(4), 6, 0),
            new KindSummary(FaultKind.DISK_FULL, 1, s(20), s(20), s(0), s(0), 2, 1));
  }

  @Test
  void thePageSaysWhetherPromisesHeldAndEscapesWords() {
    assertThat(ReportPage.of(run(List.of())))
        .contains("Every promise held", "the agent of n1 &lt;ended&gt;", "1 not whole")
        .doesNotContain("Broken promises");
    assertThat(ReportPage.of(run(List.of("append a/1 was acknowledged and is lost"))))
        .contains("Broken promises", "append a/1 was acknowledged and is lost")
        .doesNotContain("Every promise held");
  }
}
