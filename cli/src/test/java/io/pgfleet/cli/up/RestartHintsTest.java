package io.pgfleet.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.control.StatusReport;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestartHintsTest {
  private static StatusReport.Node node(
      String name, Optional<String> version, Optional<String> installed, boolean pendingRestart) {
    return new StatusReport.Node(
        name,
        "h:1",
        "local",
        "standby",
        "",
        "",
        1,
        Optional.empty(),
        Optional.empty(),
        "",
        version,
        installed,
        pendingRestart);
  }

  private static StatusReport.Node node(String name, String version, String installed) {
    return node(name, Optional.of(version), Optional.of(installed), false);
  }

  @Test
  void whereAllIsAlikeNothingIsSaid() {
    assertThat(
            RestartHints.of(
                List.of(
                    node("n1", "18.6", "18.6"),
                    node("n2", "18.6", "18.6"),
                    node("n3", Optional.empty(), Optional.empty(), false))))
        .isEmpty();
  }

  @Test
  void anUpgradeThatWaitsForRestartsNamesTheNodesAndTheCommand() {
    assertThat(RestartHints.of(List.of(node("n1", "18.5", "18.6"), node("n2", "18.5", "18.6"))))
        .containsExactly(
            "n1, n2 run PostgreSQL 18.5, and 18.6 is installed: 'pgfleet restart --rolling'");
  }

  @Test
  void nodesOfSeveralVersionsAreToldApartAlsoWhereNoRestartWouldHelp() {
    assertThat(RestartHints.of(List.of(node("n1", "18.5", "18.5"), node("n2", "18.6", "18.6"))))
        .containsExactly("n1 runs PostgreSQL 18.5, n2 runs PostgreSQL 18.6");
    assertThat(RestartHints.of(List.of(node("n1", "18.5", "18.6"), node("n2", "18.6", "18.6"))))
        .containsExactly(
            "n1 runs PostgreSQL 18.5, n2 runs PostgreSQL 18.6",
            "n1 runs PostgreSQL 18.5, and 18.6 is installed: 'pgfleet restart --rolling'");
  }

  @Test
  void programsThatCanNotStartTheDataAreNoReasonForARestart() {
    assertThat(RestartHints.of(List.of(node("n1", "17.9", "18.6"))))
        .containsExactly(
            "n1 runs PostgreSQL 17.9, and 18.6 is installed, which can't start this data: install"
                + " 17 again");
  }

  @Test
  void settingsThatWaitForARestartAreSaid() {
    assertThat(
            RestartHints.of(
                List.of(
                    node("n1", Optional.of("18.6"), Optional.of("18.6"), true),
                    node("n2", "18.6", "18.6"))))
        .containsExactly("settings of n1 wait for a restart: 'pgfleet restart --rolling'");
  }
}
