package io.pgfleet.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReignsTest {
  private static String line(String time, int process, String message) {
    return "2026-11-21 10:00:" + time + " UTC [" + process + "] writer@ledger " + message;
  }

  private static String insert(String time, int process) {
    return line(time, process, "LOG:  duration: 0.203 ms  statement: INSERT INTO appends VALUES");
  }

  private static String promoted(String time) {
    return "2026-11-21 10:00:" + time + " UTC [7] LOG:  selected new timeline ID: 2";
  }

  private static List<String> check(Map<String, List<String>> logs) {
    List<Reign> reigns = new ArrayList<>();
    logs.forEach((node, log) -> reigns.addAll(ReignReader.read(node, log)));
    Findings findings = new Findings();
    ReignCheck.check(reigns, findings);
    return findings.all();
  }

  private static Map<String, List<String>> logs(List<String> first, List<String> second) {
    return new TreeMap<>(Map.of("n1", first, "n2", second));
  }

  private static List<Reign> read(String... lines) {
    return ReignReader.read("n1", Arrays.asList(lines));
  }

  @Test
  void oneWriterAfterTheOtherIsRight() {
    assertThat(
            check(
                logs(
                    List.of(insert("01.000", 5), insert("02.000", 5)),
                    List.of(promoted("02.500"), insert("03.000", 6), insert("09.000", 6)))))
        .isEmpty();
  }

  @Test
  void twoServersThatAcceptWritesAtOverlappingTimesAreFound() {
    assertThat(
            check(
                logs(
                    List.of(insert("01.000", 5), insert("04.000", 5)),
                    List.of(promoted("02.500"), insert("03.000", 6), insert("09.000", 6)))))
        .singleElement()
        .asString()
        .startsWith("two servers accepted writes at the same time: n1")
        .contains("n2");
  }

  @Test
  void aWriteIsOfTheTimeInWhichItBegan() {
    String thawed = "LOG:  duration: 8048.092 ms  statement: INSERT INTO appends VALUES";
    List<String> next = List.of(promoted("05.000"), insert("06.000", 6), insert("20.000", 6));
    assertThat(check(logs(List.of(insert("01.000", 5), line("10.000", 5, thawed)), next)))
        .as("begun before the other led")
        .isEmpty();
    assertThat(check(logs(List.of(insert("01.000", 5), line("15.000", 5, thawed)), next)))
        .as("begun while the other led")
        .hasSize(1);
  }

  @Test
  void aServerThatLeadsAgainLaterHasTwoReigns() {
    assertThat(
            check(
                logs(
                    List.of(insert("01.000", 5), promoted("05.000"), insert("06.000", 9)),
                    List.of(promoted("02.500"), insert("03.000", 6), insert("04.000", 6)))))
        .isEmpty();
  }

  @Test
  void anInsertOfTheSimpleProtocolAndACommitOfEitherCount() {
    assertThat(
            read(
                insert("01.000", 5),
                line("02.000", 5, "LOG:  duration: 0.1 ms  execute S_3: COMMIT"),
                line("03.000", 5, "LOG:  duration: 0.1 ms  statement: COMMIT")))
        .containsExactly(
            new Reign(
                "n1",
                Instant.parse("2026-11-21T10:00:01Z"),
                Instant.parse("2026-11-21T10:00:03Z"),
                3));
  }

  @Test
  void whatIsLoggedBeforeItsCommitDoesNotCount() {
    assertThat(
            read(
                line("01.000", 5, "LOG:  duration: 0.1 ms  execute S_1: INSERT INTO ledger"),
                line("02.000", 5, "LOG:  duration: 0.1 ms  bind S_3: COMMIT"),
                line("03.000", 5, "LOG:  duration: 0.1 ms  statement: SELECT 1")))
        .isEmpty();
  }

  @Test
  void aCommitWhoseWaitForTheStandbysWasBrokenOffDoesNotCount() {
    assertThat(
            read(
                line(
                    "01.000",
                    5,
                    "WARNING:  canceling the wait for synchronous replication and terminating"
                        + " connection due to administrator command"),
                insert("01.001", 5)))
        .isEmpty();
    assertThat(
            read(
                line(
                    "01.000",
                    5,
                    "WARNING:  canceling wait for synchronous replication due to user request"),
                insert("01.001", 6)))
        .as("the write of another process")
        .hasSize(1);
  }

  @Test
  void continuationsOfLinesAreNoLines() {
    assertThat(LogLine.of("\tDETAIL of something")).isEmpty();
    assertThat(LogLine.of("2026-11-21 10:00:01.5 UTC [x] y")).isEmpty();
  }
}
