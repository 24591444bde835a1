package io.pgfleet.backup.drill;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.drill.DrillReport.Step;
import io.pgfleet.backup.drill.Inspection.Finding;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.restore.Restoring;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Restores the newest backup into a throw-away server, recovers it to some moment, and looks
 * whether everything is there and sound. The fleet is not touched, nor asked for anything.
 *
 * @param scratch a folder for the server, with room for the data
 * @param settings PostgreSQL settings of the fleet
 * @param threads that fetch the backup
 * @param checks the user's own
 * @param behind how old the newest WAL in the repository is, if that is known
 */
public record Drill(
    Archive archive,
    Installation installation,
    ServerUser user,
    Path scratch,
    Map<String, String> settings,
    int threads,
    List<DrillCheck> checks,
    Optional<Duration> behind) {
  private static final Duration PATIENCE = Duration.ofHours(12);

  /** With less WAL than this there is hardly a moment to choose. */
  private static final long SOME_WAL = 256 * 1024;

  /** Beside the files: the WAL on its way, and what amcheck sorts. */
  private static final double ROOM = 1.25;

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** What a step does. */
  private interface Work {
    Finding run() throws IOException, PostgresException;
  }

  /** A drill on its way. */
  private static final class Course {
    final List<Step> steps = new ArrayList<>();
    final Consumer<String> said;
    String backup = "";
    String target = "";
    long bytes;
    long restoreMillis;

    Course(Consumer<String> said) {
      this.said = said;
    }

    /** Whether it went well. */
    boolean step(String name, Work work) {
      said.accept(name);
      long began = System.nanoTime();
      Finding finding;
      try {
        finding = work.run();
      } catch (BackupException | ServerException | IOException e) {
        finding = new Finding(false, String.valueOf(e.getMessage()));
      } catch (PostgresException e) {
        finding = new Finding(false, e.report().message());
      }
      long millis = (System.nanoTime() - began) / 1_000_000;
      steps.add(new Step(name, finding.sound(), finding.words(), millis));
      return finding.sound();
    }
  }

  /**
   * Runs it. What fails is in the report; nothing is left behind.
   *
   * @param random chooses the moment
   * @param said told each step
   */
  public DrillReport run(InstantSource clock, RandomGenerator random, Consumer<String> said) {
    Instant began = clock.instant();
    Course course = new Course(said);
    try (DrillServer server = DrillServer.prepare(scratch, installation, user, settings)) {
      if (restore(server, random, course)) {
        inspect(new Inspection(server), course);
      }
    } catch (IOException e) {
      course.steps.add(
          new Step("scratch folder", false, scratch + " can't be used: " + e.getMessage(), 0));
    }
    return new DrillReport(
        DrillReport.FORMAT,
        NAME.format(began),
        course.backup,
        course.target,
        began,
        clock.instant(),
        course.bytes,
        course.restoreMillis,
        behind.map(Duration::toMillis).orElse(-1L),
        course.steps);
  }

  private boolean restore(DrillServer server, RandomGenerator random, Course course) {
    long began = System.nanoTime();
    boolean restored =
        course.step(
            "restore and recover",
            () -> {
              Backups all = new Backups(archive);
              List<Manifest> backups = BackupChain.restorable(all.all());
              WalArchive wal =
                  new WalArchive(
                      archive,
                      backups.isEmpty()
                          ? io.pgfleet.backup.wal.SegmentName.USUAL_SIZE
                          : backups.getLast().segment());
              RestorePlan latest = RestorePlan.of(backups, wal, new RecoveryTarget.Latest());
              course.backup = latest.backup().id();
              course.bytes = BackupChain.of(all, latest.backup()).bytes();
              Optional<Finding> full = room(course.bytes);
              if (full.isPresent()) {
                return full.get();
              }
              Restoring restoring = new Restoring(archive, wal, threads, PATIENCE);
              restoring.unpack(server.server(), latest, _ -> {});
              RecoveryTarget target = moment(latest, random);
              restoring.recover(server.server(), server.config(), latest, target);
              course.target =
                  target instanceof RecoveryTarget.Position(Lsn position)
                      ? position + " of WAL up to " + latest.end()
                      : "the end of WAL, " + latest.end();
              server.open(PATIENCE);
              return new Finding(true, course.target);
            });
    if (restored) {
      course.restoreMillis = (System.nanoTime() - began) / 1_000_000;
    }
    return restored;
  }

  private Optional<Finding> room(long bytes) throws IOException {
    long room = Files.getFileStore(scratch).getUsableSpace();
    return room >= bytes * ROOM
        ? Optional.empty()
        : Optional.of(
            new Finding(
                false,
                "no room in %s: the backup has %,d MB, and %,d MB are left"
                    .formatted(scratch, bytes >> 20, room >> 20)));
  }

  /**
   * Half of the drills take all WAL there is. The others stop somewhere in it, but not so near to
   * its end that no record begins behind.
   */
  private static RecoveryTarget moment(RestorePlan plan, RandomGenerator random) {
    Lsn from = plan.backup().finish();
    // A segment that was ended before it was full has no record in its rest, at which a recovery
    // could end.
    long whole = plan.end().value() % plan.backup().segment() == 0 ? plan.backup().segment() : 0;
    Lsn end = new Lsn(plan.end().value() - whole);
    long span = end.reaches(from) ? end.minus(from) : 0;
    if (span < SOME_WAL || random.nextBoolean()) {
      return new RecoveryTarget.Latest();
    }
    return new RecoveryTarget.Position(
        new Lsn(from.value() + random.nextLong(span - SOME_WAL / 2)));
  }

  private void inspect(Inspection inspection, Course course) {
    course.step("page checksums", inspection::pages);
    List<String> databases = new ArrayList<>();
    course.step(
        "databases",
        () -> {
          databases.addAll(inspection.databases());
          return new Finding(true, String.join(", ", databases));
        });
    for (String database : databases) {
      course.step("database " + database, () -> inspection.database(database));
    }
    for (DrillCheck check : checks) {
      course.step("check " + check.name(), () -> inspection.ask(check));
    }
  }
}
