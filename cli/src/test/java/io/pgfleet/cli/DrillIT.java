package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Drills every minute and backups every other, for ten minutes, beside clients at work. */
@Tag("slow")
class DrillIT {
  private static final Duration LASTS = Duration.ofMinutes(10);

  @Test
  void drillsDisturbNobodyAndCatchADamagedBackup() throws Exception {
    try (FleetProcess fleet =
        new FleetProcess(
            """
            backup:
              every: 2m
              repositories: { near: { folder: repository } }
              drill:
                every: 1m
                checks:
                  named: { database: app, query: select current_database() = 'app' }
            """)) {
      fleet.up().expect(0);
      try (NotingClient client =
          new NotingClient(fleet.run("url", "--jdbc").expect(0).out().strip())) {
        Thread.sleep(LASTS);
        client.goOn();
        assertThat(client.failures()).isEmpty();
        assertThat(client.lost()).isEmpty();
      }
      String history = fleet.run("backup", "drill", "--history").expect(0).out();
      assertThat(history).doesNotContain("FAILED");
      assertThat(history.lines().filter(line -> line.contains("passed")).count())
          .as(history)
          .isGreaterThanOrEqualTo(8);
      assertThat(fleet.whole().out()).contains("drill passed");

      // Every one but the first was taken by schedule, of what was changed since the one before.
      String backups = fleet.run("backup", "list").expect(0).out();
      assertThat(backups.lines().filter(line -> line.contains("-full-")).count())
          .as(backups)
          .isEqualTo(1);
      assertThat(backups.lines().filter(line -> line.contains("-incr-")).count())
          .as(backups)
          .isGreaterThanOrEqualTo(3);
      String last = fleet.run("backup", "drill").expect(0).out();
      assertThat(last).containsPattern("rows as of the backup +ok .* rows, as they were on ");

      try (Stream<Path> all = Files.walk(fleet.file().resolveSibling("repository"))) {
        Path pack =
            all.filter(file -> file.endsWith("data/00000000"))
                .max(Comparator.naturalOrder())
                .orElseThrow();
        byte[] damaged = Files.readAllBytes(pack);
        damaged[damaged.length / 3] ^= 1;
        Files.write(pack, damaged);
      }
      String status = "";
      for (int i = 0; i < 240 && !status.contains("drill FAILED"); i++) {
        Thread.sleep(1000);
        status = fleet.run("status").out();
      }
      assertThat(status).contains("drill FAILED", "is damaged");
    }
  }
}
