package io.pgfleet.deploy.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.deploy.DeployException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnitsTest {
  private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");

  @TempDir Path folder;

  private static Units units(Path program) {
    return new Units(
        "shop",
        program,
        Path.of("/etc/pgfleet/fleet.yaml"),
        Map.of("JAVA_HOME", "/usr/lib/jvm/jdk-25"));
  }

  @Test
  void anAgentsServerIsLeftRunningButNotWhenTheMachineGoesDown() {
    Unit unit = units(Path.of("/opt/pgfleet/pgfleet")).agent("n1");
    assertThat(unit.name()).isEqualTo("pgfleet-agent-n1.service");
    assertThat(unit.text().lines())
        .contains(
            "KillMode=process",
            "Environment=JAVA_HOME=/usr/lib/jvm/jdk-25",
            "ExecStart=/opt/pgfleet/pgfleet agent --node n1 /etc/pgfleet/fleet.yaml")
        .anyMatch(line ->
            line.startsWith("ExecStop=")
                && line.contains("is-system-running")
                && line.contains("--stop-server"));
  }

  @Test
  void aGatewayHasTheTimeToDrain() {
    Unit unit = units(Path.of("/opt/pgfleet/pgfleet")).gateway(Duration.ofMinutes(5));
    assertThat(unit.text().lines())
        .contains(
            "ExecStart=/opt/pgfleet/pgfleet gateway --fleet /etc/pgfleet/fleet.yaml",
            "TimeoutStopSec=330");
  }

  @Test
  void aPathThatAUnitWouldHaveToQuoteIsRefused() {
    assertThatThrownBy(() -> units(Path.of("/opt/my programs/pgfleet")))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("would have to quote");
  }

  @Test
  void systemdFindsNothingWrongWithTheUnits() throws Exception {
    assumeTrue(Files.isExecutable(ANALYZE), "needs systemd-analyze");
    Path program = Files.writeString(folder.resolve("pgfleet"), "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Units units = units(program);
    for (Unit unit : List.of(units.agent("n1"), units.gateway(Duration.ofMinutes(1)))) {
      Path file = Files.writeString(folder.resolve(unit.name()), unit.text());
      Process process =
          new ProcessBuilder(ANALYZE.toString(), "verify", file.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes());
      assertThat(said.lines().filter(line -> line.contains(unit.name()))).isEmpty();
      assertThat(process.waitFor()).as(said).isZero();
    }
  }
}
