package io.pgfleet.cli.archive;

import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.backup.Archive;
import io.pgfleet.backup.drill.Drill;
import io.pgfleet.backup.drill.DrillCheck;
import io.pgfleet.backup.drill.DrillReport;
import io.pgfleet.backup.drill.Drills;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.spec.BackupSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A drill of a repository on this machine.
 *
 * @param scratch where the throw-away server is made
 * @param settings PostgreSQL settings of the fleet
 */
public record DrillRound(
    BackupSpec.Drill spec,
    Installation installation,
    ServerUser user,
    Path scratch,
    Map<String, String> settings) {
  private static final int THREADS = 2;

  /**
   * That of a fleet.
   *
   * @param home the fleet's own folder
   */
  public static DrillRound of(BackupSpec.Drill spec, NodePlace place, Path home) {
    return new DrillRound(
        spec,
        place.server().installation(),
        place.server().user(),
        spec.folder().orElseGet(() -> home.resolve("drills")),
        place.settings());
  }

  /**
   * Runs it, and keeps its report in the repository.
   *
   * @param behind how old the newest WAL in the repository is, if that is known
   * @param said told each step
   */
  public DrillReport run(Archive archive, Optional<Duration> behind, Consumer<String> said) {
    DrillReport report =
        new Drill(
                archive,
                installation,
                user,
                scratch,
                settings,
                THREADS,
                spec.checks().stream()
                    .map(check -> new DrillCheck(check.name(), check.database(), check.query()))
                    .toList(),
                behind)
            .run(InstantSource.system(), new Random(), said);
    new Drills(archive).keep(report);
    return report;
  }
}
