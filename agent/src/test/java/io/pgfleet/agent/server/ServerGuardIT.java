package io.pgfleet.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.consensus.Ticker;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.host.Processes;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real server, its guard, and an agent that says nothing more. */
@Timeout(120)
class ServerGuardIT {
  private static final Ticker TICKER = Ticker.system();

  @BeforeEach
  void onlyWhereThereIsOne() {
    assumeTrue(ServerGuard.available(), "no /proc/uptime, bash or flock here");
  }

  private static long in(Duration time) {
    return TICKER.nanos() + time.toNanos();
  }

  private static boolean runs(TestPostgres postgres) {
    return postgres.server().status().isAlive();
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long end = in(Duration.ofSeconds(60));
    while (!condition.getAsBoolean()) {
      assertThat(TICKER.nanos() - end).as("gave up waiting").isNegative();
      Thread.sleep(10);
    }
  }

  private static String said(Path folder) {
    try {
      return Files.readString(folder.resolve("guard.log"));
    } catch (IOException e) {
      return "";
    }
  }

  private static ServerGuard begin(TestPostgres postgres, Path folder) throws IOException {
    return ServerGuard.begin(postgres.server(), folder, Optional.empty());
  }

  @Test
  void aServerIsLeftAloneWhileItsAgentIsCertainAndStoppedAfterwards() throws Exception {
    try (TestFolder parent = TestFolder.create();
        TestPostgres postgres = TestPostgres.start()) {
      Path folder = parent.path().resolve("guard");
      try (ServerGuard guard = begin(postgres, folder)) {
        until(() -> said(folder).contains("guarding"));
        for (int i = 0; i < 20; i++) {
          guard.certainUntil(in(Duration.ofSeconds(20)), TICKER);
          Thread.sleep(100);
          assertThat(runs(postgres)).isTrue();
        }
        guard.certainUntil(in(Duration.ofMillis(300)), TICKER);
        until(() -> !runs(postgres));
        assertThat(said(folder)).contains("no longer certain").doesNotContain("killing");
      }
    }
  }

  @Test
  void aFrozenServerIsKilled() throws Exception {
    try (TestFolder parent = TestFolder.create();
        TestPostgres postgres = TestPostgres.start()) {
      Path folder = parent.path().resolve("guard");
      try (ServerGuard guard = begin(postgres, folder)) {
        long pid = postgres.pid();
        Processes.signal(pid, "STOP");
        guard.certainUntil(in(Duration.ofMillis(300)), TICKER);
        until(() -> !Processes.runs(pid));
        assertThat(said(folder)).contains("killing it");
        until(() -> Processes.postgresWorkingIn(realPath(postgres)).isEmpty());
      }
    }
  }

  private static Path realPath(TestPostgres postgres) {
    return postgres.server().data().path().toAbsolutePath();
  }

  @Test
  void aServerInRecoveryAndAReleasedOneAreLeftAlone() throws Exception {
    try (TestFolder parent = TestFolder.create();
        TestPostgres primary = TestPostgres.start();
        TestPostgres standby = primary.standby("s1")) {
      Path first = parent.path().resolve("first");
      Path second = parent.path().resolve("second");
      try (ServerGuard ofPrimary = begin(primary, first);
          ServerGuard ofStandby = begin(standby, second)) {
        until(() -> said(first).contains("guarding") && said(second).contains("guarding"));
        ofPrimary.release();
        ofStandby.certainUntil(in(Duration.ZERO), TICKER);
        Thread.sleep(1500);
        assertThat(runs(primary)).isTrue();
        assertThat(runs(standby)).isTrue();
        // promoted, it accepts writes, and the word about it is still the old one
        standby.sql("select pg_promote(false)");
        until(() -> !runs(standby));
        assertThat(runs(primary)).isTrue();
      }
    }
  }

  @Test
  void anAgentThatComesBackGoesOnWithTheGuardThatRuns() throws Exception {
    try (TestFolder parent = TestFolder.create();
        TestPostgres postgres = TestPostgres.start()) {
      Path folder = parent.path().resolve("guard");
      ServerGuard lost = begin(postgres, folder);
      until(() -> said(folder).contains("guarding"));
      lost.certainUntil(in(Duration.ofSeconds(4)), TICKER);
      try (ServerGuard again = begin(postgres, folder)) {
        again.certainUntil(in(Duration.ofSeconds(60)), TICKER);
        Thread.sleep(5000);
        assertThat(runs(postgres)).isTrue();
        assertThat(said(folder).split("guarding", -1)).hasSize(2);
      }
    }
  }

  @Test
  void anAgentThatHasLeftAndComesBackIsGuardedAgain() throws Exception {
    try (TestFolder parent = TestFolder.create();
        TestPostgres postgres = TestPostgres.start()) {
      Path folder = parent.path().resolve("guard");
      for (int i = 1; i <= 2; i++) {
        int lives = i;
        begin(postgres, folder).close();
        ServerGuard guard = begin(postgres, folder);
        until(() -> said(folder).contains("guarding"));
        Thread.sleep(1500);
        assertThat(runs(postgres)).isTrue();
        guard.certainUntil(in(Duration.ofMillis(300)), TICKER);
        until(() -> !runs(postgres));
        assertThat(said(folder).split("no longer certain", -1)).hasSize(lives + 1);
        guard.close();
        postgres.restart();
      }
    }
  }

  @Test
  void aFolderBehindALinkIsTheSameFolder() throws Exception {
    try (TestFolder parent = TestFolder.create();
        TestPostgres postgres = TestPostgres.start()) {
      Path link = parent.path().resolve("link");
      Files.createSymbolicLink(link, postgres.server().data().path());
      Server linked = new Server(postgres.server().installation(), link, postgres.server().user());
      Path folder = parent.path().resolve("guard");
      try (ServerGuard guard = ServerGuard.begin(linked, folder, Optional.empty())) {
        guard.certainUntil(in(Duration.ofMillis(300)), TICKER);
        until(() -> !runs(postgres));
      }
    }
  }

  @Test
  void anInterruptedThreadStillTellsTheGuard() throws Exception {
    try (TestFolder parent = TestFolder.create();
        TestPostgres postgres = TestPostgres.start()) {
      Path folder = parent.path().resolve("guard");
      try (ServerGuard guard = begin(postgres, folder)) {
        Thread.currentThread().interrupt();
        guard.certainUntil(in(Duration.ofSeconds(30)), TICKER);
        assertThat(Thread.interrupted()).isTrue();
        guard.release();
        assertThat(Files.readString(folder.resolve("word"))).startsWith("off ;");
      }
    }
  }
}
