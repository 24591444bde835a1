package io.pgfleet.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.chaos.plan.FaultKind;
import io.pgfleet.chaos.report.ReportPage;
import io.pgfleet.chaos.report.Run;
import io.pgfleet.chaos.stage.Stage;
import io.pgfleet.postgres.host.FileTrees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two short runs; {@code ./pgfleet chaos} goes on for as long as wanted. */
@Timeout(900)
class ChaosIT {
  private static final Duration TIME = Duration.ofSeconds(50);
  private static final int FAULTS = 6;
  private static final int LEAST_FAULTS = 2;
  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final Duration HEAL = Duration.ofMinutes(2);

  private static Set<FaultKind> kinds(String labels) {
    Set<String> wanted = Set.of(labels.split(" "));
    return Arrays.stream(FaultKind.values())
        .filter(kind -> wanted.contains(kind.label()))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(FaultKind.class)));
  }

  @Test
  void promisesHoldWhileProcessesAreKilled() throws Exception {
    promisesHold(
        1,
        false,
        "postmaster-killed agent-killed host-killed consensus-leader-killed gateway-killed"
            + " switchover");
  }

  @Test
  @Tag("slow")
  void promisesHoldWhileHostsAndNetworksFail() throws Exception {
    promisesHold(2, true, "host-lost host-frozen-server-first host-cut-off agent-frozen");
  }

  private static void promisesHold(long seed, boolean strict, String labels) throws Exception {
    String obstacle = Stage.obstacle();
    assumeTrue(obstacle.isEmpty(), obstacle);
    Path folder = Files.createTempDirectory("pgfleet-chaos-");
    Run run =
        ChaosRun.run(
            new ChaosSettings(
                seed, TIME, FAULTS, kinds(labels), folder, LEASE, strict, Optional.empty(), HEAL),
            System.out::println);
    Files.writeString(folder.resolve("chaos.html"), ReportPage.of(run));
    assertThat(run.violations())
        .as(
            "logs and report are in %s; again: ./pgfleet chaos --seed %d --faults %d --only %s%s",
            folder, seed, FAULTS, labels.replace(' ', ','), strict ? " --strict" : "")
        .isEmpty();
    assertThat(run.faults()).hasSizeGreaterThanOrEqualTo(LEAST_FAULTS);
    assertThat(run.traffic().appends().acknowledged()).isGreaterThan(100);
    assertThat(run.traffic().transfers().acknowledged()).isGreaterThan(100);
    assertThat(run.traffic().probes().acknowledged()).isGreaterThan(10);
    FileTrees.delete(folder);
  }
}
