package io.pgfleet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.postgres.host.Processes;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A real server and its guard with a stand-in for the kernel's watchdog: a file in which every
 * write is found again, so a device that would restart the host is one that gets no more of them
 * and does not end with a V. The program that sets the timeout is a stand-in as well.
 */
@Timeout(120)
class WatchdogIT {
  private static final Ticker TICKER = Ticker.system();
  private static final int SECONDS = 2;

  private TestFolder parent;
  private TestPostgres primary;
  private Path folder;
  private Path device;
  private Path setter;

  @BeforeEach
  void standIns() throws IOException {
    assumeTrue(ServerGuard.available(), "no /proc/uptime, bash or flock here");
    parent = TestFolder.create();
    primary = TestPostgres.start();
    folder = parent.path().resolve("guard");
    device = parent.path().resolve("device");
    setter = parent.path().resolve("setter");
    setterSays("echo \"Timeout has been set to $2 seconds.\"");
    makeDevice();
  }

  @AfterEach
  void end() throws IOException {
    primary.close();
    parent.close();
  }

  private void makeDevice() throws IOException {
    Files.createFile(device);
    primary.server().user().own(device);
  }

  private void setterSays(String command) throws IOException {
    Files.writeString(setter, "#!/bin/sh\n" + command + "\n");
    Files.setPosixFilePermissions(setter, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private ServerGuard begin(TestPostgres postgres, boolean required) throws IOException {
    KernelWatchdog watchdog = new KernelWatchdog(device, SECONDS, required, setter.toString());
    return ServerGuard.begin(postgres.server(), folder, Optional.of(watchdog));
  }

  private static void certainFor(ServerGuard guard, Duration time) {
    guard.certainUntil(TICKER.nanos() + time.toNanos(), TICKER);
  }

  private String written() {
    try {
      return Files.exists(device) ? Files.readString(device) : "";
    } catch (IOException e) {
      return "";
    }
  }

  private boolean disarmed() {
    return written().endsWith("V");
  }

  private boolean armed() {
    return !written().isEmpty() && !disarmed();
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long end = TICKER.nanos() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(TICKER.nanos() - end).as("gave up waiting").isNegative();
      Thread.sleep(10);
    }
  }

  private static boolean runs(TestPostgres postgres) {
    return postgres.server().status().isAlive();
  }

  private void untilItRuns() throws InterruptedException {
    until(() -> {
      try {
        return Files.readString(folder.resolve("guard.log")).contains("guarding");
      } catch (IOException e) {
        return false;
      }
    });
  }

  /** The process itself, known by the file that it reads. */
  private long guardProcess() {
    String word = folder.resolve("word").toString();
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> {
          var line = Processes.commandLine(pid);
          return !line.isEmpty() && line.getFirst().endsWith("bash") && line.contains(word);
        })
        .findFirst()
        .orElseThrow();
  }

  @Test
  void itIsWrittenToWhileTheServerAcceptsWritesAndDisarmedWhenItNeedNotStop() throws Exception {
    try (ServerGuard guard = begin(primary, false)) {
      certainFor(guard, Duration.ofSeconds(30));
      until(() -> written().length() > 10);
      assertThat(written()).matches("[.]+");
      guard.release();
      until(this::disarmed);
      assertThat(runs(primary)).isTrue();
      certainFor(guard, Duration.ofSeconds(30));
      until(this::armed);
    }
    until(this::disarmed);
    assertThat(runs(primary)).isTrue();
  }

  @Test
  void aGuardThatIsFrozenOrKilledLeavesItArmedWithoutAnotherWrite() throws Exception {
    try (ServerGuard guard = begin(primary, false)) {
      certainFor(guard, Duration.ofSeconds(60));
      until(this::armed);
      long pid = guardProcess();
      Processes.signal(pid, "STOP");
      Thread.sleep(300);
      String frozen = written();
      Thread.sleep(1000);
      assertThat(written()).isEqualTo(frozen).endsWith(".");
      Processes.signal(pid, "CONT");
      until(() -> written().length() > frozen.length());
      Processes.signal(pid, "TERM");
      Thread.sleep(700);
      assertThat(Processes.runs(pid)).isTrue();
      assertThat(armed()).isTrue();
      Processes.signal(pid, "KILL");
      until(() -> !Processes.runs(pid));
      String killed = written();
      Thread.sleep(1000);
      assertThat(written()).isEqualTo(killed).endsWith(".");
    }
  }

  @Test
  void aLeaseThatEndsStopsTheServerWhileThereIsTimeToDisarm() throws Exception {
    try (ServerGuard guard = begin(primary, false)) {
      certainFor(guard, Duration.ofMillis(4500));
      long ends = TICKER.nanos() + Duration.ofMillis(4500).toNanos();
      until(this::armed);
      until(() -> ends - TICKER.nanos() < Duration.ofMillis(2400).toNanos());
      // From here on the device would go off after the end of the lease if it were written to.
      Thread.sleep(500);
      String last = written();
      boolean running = runs(primary);
      Thread.sleep(300);
      String later = written();
      // Below that the guard may be at work already, and this process was kept from looking.
      if (ends - TICKER.nanos() > Duration.ofMillis(1300).toNanos()) {
        assertThat(last).endsWith(".");
        assertThat(running).isTrue();
        assertThat(later).isEqualTo(last);
      }
      until(this::disarmed);
      assertThat(ends - TICKER.nanos()).isPositive();
      assertThat(runs(primary)).isFalse();
    }
  }

  @Test
  void itIsArmedBeforeAStandbyIsPromotedAndNotWhileThatOnlyFollows() throws Exception {
    try (TestPostgres standby = primary.standby("s1");
        ServerGuard guard = begin(standby, true)) {
      certainFor(guard, Duration.ofSeconds(30));
      until(() -> {
        certainFor(guard, Duration.ofSeconds(30));
        return guard.objection().isEmpty();
      });
      Thread.sleep(500);
      assertThat(written()).isEmpty();
      guard.beforeLeading();
      assertThat(armed()).isTrue();
      assertThat(standby.sql("select pg_is_in_recovery()")).isEqualTo("t");
      standby.sql("select pg_promote()");
      // By now it is armed because the server accepts writes.
      for (int i = 0; i < 110; i++) {
        certainFor(guard, Duration.ofSeconds(30));
        Thread.sleep(100);
      }
      assertThat(armed()).isTrue();
      standby.kill();
      until(this::disarmed);
    }
  }

  @Test
  void aNodeThatMustHaveItDoesNotLeadWithout() throws Exception {
    Files.delete(device);
    try (ServerGuard guard = begin(primary, true)) {
      assertThat(guard.objection())
          .hasValueSatisfying(why -> assertThat(why).contains("not tried"));
      refusedFor(guard, "there is no such device");
      makeDevice();
      setterSays("echo 'wdctl: " + device + ": watchdog already in use, terminating.' >&2; exit 1");
      refusedFor(guard, "already in use");
      setterSays("echo 'Timeout has been set to 60 seconds.'");
      refusedFor(guard, "it is 60");
      setterSays(
          "echo 'wdctl: cannot set timeout for it'; echo 'Timeout has been set to 2 seconds.'");
      refusedFor(guard, "it is unknown");
      assertThat(written()).isEmpty();
      setterSays("echo \"Timeout has been set to $2 seconds.\"");
      guard.beforeLeading();
      assertThat(armed()).isTrue();
      assertThat(guard.objection()).isEmpty();
    }
  }

  private static void refusedFor(ServerGuard guard, String why) {
    certainFor(guard, Duration.ofSeconds(30));
    assertThatThrownBy(guard::beforeLeading)
        .isInstanceOf(NodeServerException.class)
        .hasMessageContaining(why);
    assertThat(guard.objection()).hasValueSatisfying(said -> assertThat(said).contains(why));
  }

  @Test
  void aNodeThatMayHaveItLeadsWithoutAndTheGuardStillStopsItsServer() throws Exception {
    Files.delete(device);
    try (ServerGuard guard = begin(primary, false)) {
      untilItRuns();
      certainFor(guard, Duration.ofSeconds(30));
      guard.beforeLeading();
      assertThat(guard.objection()).isEmpty();
      certainFor(guard, Duration.ofMillis(300));
      until(() -> !runs(primary));
    }
  }

  @Test
  void anAgentThatComesBackFindsItArmed() throws Exception {
    ServerGuard lost = begin(primary, true);
    certainFor(lost, Duration.ofSeconds(20));
    until(this::armed);
    try (ServerGuard again = begin(primary, true)) {
      // It has no lease yet and can say nothing new.
      again.beforeLeading();
      assertThat(written()).matches("[.]+");
      assertThat(Files.readString(folder.resolve("guard.log")).split("guarding", -1)).hasSize(2);
    }
    until(this::disarmed);
  }
}
