package io.pgfleet.backup.drill;

import static java.util.Objects.requireNonNull;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.drill.DrillReport.Step;
import io.pgfleet.backup.drill.Inspection.Finding;
import io.pgfleet.backup.restore.PauseSocket;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.restore.Restoring;
import io.pgfleet.backup.rows.RowCountFile;
import io.pgfleet.backup.rows.RowCounts;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.postgres.ServerConfig;
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
import org.jspecify.annotations.Nullable;

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

    /** The same of what a restore consists of, so that its time counts. */
    boolean part(String name, Work work) {
      boolean well = step(name, work);
      restoreMillis = well ? restoreMillis + steps.getLast().millis() : 0;
      return well;
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
    Rehearsal rehearsal = new Rehearsal(server);
    if (!course.part("restore", () -> rehearsal.unpack(course))) {
      return false;
    }
    // What is wrong with the rows does not keep the rest from being looked at.
    course.step("rows as of the backup", rehearsal::compareRows);
    return course.part("recover", () -> rehearsal.recover(random, course));
  }

  /** A restore in its parts. */
  private final class Rehearsal {
    private final DrillServer server;
    private @Nullable RestorePlan plan;
    private @Nullable Restoring restoring;
    private Optional<Lsn> paused = Optional.empty();
    private boolean over;

    Rehearsal(DrillServer server) {
      this.server = server;
    }

    Finding unpack(Course course) throws IOException {
      Backups all = new Backups(archive);
      List<Manifest> backups = BackupChain.restorable(all.all());
      WalArchive wal =
          new WalArchive(
              archive, backups.isEmpty() ? SegmentName.USUAL_SIZE : backups.getLast().segment());
      RestorePlan latest = RestorePlan.of(backups, wal, new RecoveryTarget.Latest());
      course.backup = latest.backup().id();
      course.bytes = BackupChain.of(all, latest.backup()).bytes();
      Optional<Finding> full = room(course.bytes);
      if (full.isPresent()) {
        return full.get();
      }
      plan = latest;
      restoring = new Restoring(archive, wal, threads, PATIENCE);
      restoring.unpack(server.server(), latest, _ -> {});
      return new Finding(true, "%,d MB".formatted(course.bytes >> 20));
    }

    Finding compareRows() throws IOException {
      RestorePlan latest = requireNonNull(plan);
      Optional<RowCounts> counts = RowCountFile.find(archive, latest.backup().id());
      if (counts.isEmpty()) {
        return new Finding(true, "not compared: none were counted with this backup");
      }
      Lsn position = counts.get().lsn();
      Restoring part = requireNonNull(restoring);
      if (!latest.leadsThrough(part.wal(), counts.get().timeline(), position)) {
        return new Finding(
            true,
            "not compared: the WAL that follows the backup does not lead through " + position);
      }
      try (PauseSocket socket = PauseSocket.make(user)) {
        ServerConfig config = server.config().withSocketFolder(socket.folder());
        RowComparison comparison = new RowComparison(socket, config.port(), counts.get());
        over = !part.pause(server.server(), config, latest, position, comparison);
        paused = Optional.of(position);
        return comparison.finding();
      }
    }

    Finding recover(RandomGenerator random, Course course) {
      RestorePlan latest = requireNonNull(plan);
      if (over) {
        course.target = paused.orElseThrow() + " of WAL up to " + latest.end();
      } else {
        RecoveryTarget target = moment(latest, paused, random);
        requireNonNull(restoring).recover(server.server(), server.config(), latest, target);
        course.target =
            target instanceof RecoveryTarget.Position(Lsn position)
                ? position + " of WAL up to " + latest.end()
                : "the end of WAL, " + latest.end();
      }
      server.open(PATIENCE);
      return new Finding(true, course.target);
    }
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
  private static RecoveryTarget moment(
      RestorePlan plan, Optional<Lsn> paused, RandomGenerator random) {
    long from = paused.orElse(plan.backup().finish()).value();
    long end = plan.end().value();
    int segment = plan.backup().segment();
    // The rest of a segment that was left before it was full has no record to stop at.
    long last = end % segment == 0 ? end - segment : end - SOME_WAL / 2;
    if (last - from < SOME_WAL / 2 || random.nextBoolean()) {
      return new RecoveryTarget.Latest();
    }
    return new RecoveryTarget.Position(new Lsn(from + random.nextLong(last - from)));
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
