package io.pgfleet.bench.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.backup.MeasuredProgram.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class MeasuredProgramIT {
  @TempDir private Path folder = Path.of("");

  @BeforeEach
  void requireLinux() {
    assumeTrue(Files.isReadable(Path.of("/proc/self/stat")), "needs Linux");
  }

  private Outcome run(String script) throws InterruptedException {
    return new MeasuredProgram(
            List.of("sh", "-c", script),
            Map.of("WORK", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"),
            folder,
            true)
        .run();
  }

  @Test
  void processorTimeOfChildrenThatHaveEndedCounts() throws InterruptedException {
    Outcome own = run("eval \"$WORK\"");
    Outcome children = run("sh -c \"$WORK\"; sh -c \"sh -c '$WORK'; true\"; true");
    assertThat(own.whole().processor()).isPositive();
    assertThat(children.whole().processor()).isGreaterThan(own.whole().processor());
    assertThat(children.whole().peak()).isPositive();
  }

  @Test
  void aMomentHasItsOwnCost() throws InterruptedException {
    Outcome outcome = run("eval \"$WORK\"; echo mark files; sleep 3; echo the end");
    Cost files = outcome.at("files");
    assertThat(files.processor()).isPositive();
    assertThat(outcome.whole().time()).isGreaterThanOrEqualTo(files.time().plusMillis(250));
    assertThatThrownBy(() -> outcome.at("serves")).hasMessageContaining("serves");
  }

  @Test
  void waitingIsNoProcessorTime() throws InterruptedException {
    Cost whole = run("sleep 0.5").whole();
    assertThat(whole.time()).isGreaterThanOrEqualTo(Duration.ofMillis(500));
    assertThat(whole.processor()).isLessThan(Duration.ofMillis(200));
  }

  @Test
  void whoFailsIsQuoted() {
    assertThatThrownBy(() -> run("echo 'no room'; exit 7"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("status 7")
        .hasMessageContaining("no room");
  }
}
