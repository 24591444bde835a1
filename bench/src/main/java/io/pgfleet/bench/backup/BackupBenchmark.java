package io.pgfleet.bench.backup;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.MachineFacts;
import io.pgfleet.bench.backup.BackupReport.Round;
import io.pgfleet.bench.backup.BackupReport.Rounds;
import io.pgfleet.bench.figures.MarkdownReport;
import io.pgfleet.bench.figures.PerformancePage;
import io.pgfleet.bench.figures.Run;
import io.pgfleet.bench.fleet.LoopbackPorts;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.InstalledPostgres;
import io.pgfleet.testkit.fleet.Postmaster;
import io.pgfleet.testkit.fleet.WorkFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Full backups of one server and restores from them, by pgBackRest and by ourselves, in turn within
 * every round, the order changing from round to round. Each begins with an empty repository and
 * with nothing left to be written; each restored server must hold what the source does.
 */
public final class BackupBenchmark {
  /** The group of its results. */
  public static final String GROUP = "backup";

  private final Path within;
  private final Path postgres;
  private final BackupSettings settings;
  private final Optional<PerformancePage> page;

  /**
   * A comparison.
   *
   * @param within a folder for servers and repositories
   * @param postgres an installed PostgreSQL that both sides know
   * @param page where results are kept
   */
  public BackupBenchmark(
      Path within, Path postgres, BackupSettings settings, Optional<PerformancePage> page) {
    this.within = within;
    this.postgres = postgres;
    this.settings = settings;
    this.page = page;
  }

  /**
   * Runs it.
   *
   * @throws BenchException if something that it needs is missing, or a side fails
   */
  public void run(Consumer<String> said) throws InterruptedException {
    Path program = PgBackRestSide.program();
    if (!Files.isReadable(Path.of("/proc/self/stat"))) {
      throw new BenchException(
          "processor time can't be measured here: there is no /proc", "measure on Linux");
    }
    requireRoom();
    try (WorkFolder work = WorkFolder.create(within, "pgfleet-backup-", settings.keep())) {
      if (settings.keep()) {
        said.accept("what is not dropped between rounds stays in " + work.path());
      }
      Thread atEnd = new Thread(() -> abandon(work), "abandon-backup-benchmark");
      Runtime.getRuntime().addShutdownHook(atEnd);
      run(work.path(), program, said);
      Runtime.getRuntime().removeShutdownHook(atEnd);
    } catch (ServerException e) {
      throw new BenchException(String.valueOf(e.getMessage()), e.remedy());
    } catch (IOException e) {
      throw new BenchException(
          "can't work in " + within + ": " + e.getMessage(),
          "name a folder that can be written to with --folder");
    }
  }

  /** A disk that fills up would end it halfway, and others' work with it. */
  private void requireRoom() {
    if (!Files.isDirectory(within)) {
      throw new BenchException("there is no folder " + within, "make it, or name another");
    }
    long free = within.toFile().getUsableSpace();
    if (free < settings.room()) {
      throw new BenchException(
          "a database of %s needs %s on the disk of %s, and %s are free"
              .formatted(
                  DataSize.text(settings.size()),
                  DataSize.text(settings.room()),
                  within,
                  DataSize.text(free)),
          "choose another folder with --folder, or less with --size");
    }
  }

  /** When this program is ended by a signal, nothing that it has started must go on. */
  private static void abandon(WorkFolder work) {
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    try (Stream<Path> folders = Files.list(work.path())) {
      folders.forEach(Postmaster::kill);
    } catch (IOException e) {
      return;
    }
    try {
      work.close();
    } catch (IOException e) {
      System.err.println("pgfleet: " + work.path() + " could not be deleted: " + e.getMessage());
    }
  }

  private void run(Path folder, Path program, Consumer<String> said) throws InterruptedException {
    Place place =
        new Place(folder, InstalledPostgres.at(postgres), ServerUser.resolve(Optional.empty()));
    Filling.pgbench(place.installation());
    place.user().checkReach(folder.resolve("source"));
    place.takeOver();
    try (SourceServer source = SourceServer.start(place)) {
      new Filling(place.installation(), source.sql(), settings.size()).fill(said);
      List<Side> sides =
          List.of(
              new PgBackRestSide(place, source, settings, program),
              new PgfleetSide(place, source, settings));
      BackupReport report = report(place, source, sides);
      List<Run> runs = report.runs(rounds(place, source, sides, report, said));
      said.accept("\n" + MarkdownReport.of(runs));
      page.ifPresent(kept -> kept.write(runs));
    }
  }

  private BackupReport report(Place place, SourceServer source, List<Side> sides) {
    long bytes = source.bytes();
    return new BackupReport(
        LocalDate.now(ZoneOffset.UTC).toString(),
        MachineFacts.lines(within),
        "%d rounds; PostgreSQL %s with page checksums, %d MB without WAL, in the page cache; zstd level 1; %s. %s."
            .formatted(
                settings.rounds(),
                place.installation().version(),
                bytes / 1_000_000,
                settings.key().isPresent()
                    ? "encrypted, pgBackRest by AES-256-CBC and pgfleet by AES-256-GCM"
                    : "not encrypted",
                String.join(". ", sides.stream().map(Side::settings).toList())),
        bytes,
        settings.ending());
  }

  /** What one side has done so far. */
  private record Done(Side side, List<Side.Taken> taken, List<Side.Restored> restored) {
    static Done nothing(Side side) {
      return new Done(side, new ArrayList<>(), new ArrayList<>());
    }

    Rounds rounds() {
      List<Round> rounds = new ArrayList<>();
      for (int i = 0; i < restored.size(); i++) {
        rounds.add(new Round(taken.get(i), restored.get(i)));
      }
      return new Rounds(side.name(), rounds);
    }
  }

  private List<Rounds> rounds(
      Place place,
      SourceServer source,
      List<Side> sides,
      BackupReport report,
      Consumer<String> said)
      throws InterruptedException {
    String sum = Filling.sum(source.sql());
    List<Done> all = sides.stream().map(Done::nothing).toList();
    for (int round = 1; round <= settings.rounds(); round++) {
      for (int turn : turns(round, all.size())) {
        Done done = all.get(turn);
        done.side().prepare();
        place.settle(source.data(), settings.size());
        Side.Taken taken = done.side().backup();
        said.accept(report.line(round, done.side().name(), taken));
        done.taken().add(taken);
      }
      for (int turn : turns(round, all.size())) {
        Done done = all.get(turn);
        Side.Restored restored = restored(place, done.side(), sum, settings.size());
        said.accept(report.line(round, done.side().name(), restored));
        done.restored().add(restored);
        done.side().discard();
      }
    }
    return all.stream().map(Done::rounds).toList();
  }

  /** Who is first in one round is last in the next. */
  static List<Integer> turns(int round, int sides) {
    return Stream.iterate(round % sides, turn -> (turn + 1) % sides).limit(sides).toList();
  }

  private static Side.Restored restored(Place place, Side side, String sum, long size)
      throws InterruptedException {
    int port = LoopbackPorts.free(1).getFirst();
    try (RestoredServer server =
        new RestoredServer(place, place.folder().resolve("restored"), port)) {
      place.settle(side.repository(), size);
      Side.Restored restored = side.restore(server.data(), port);
      String there = Filling.sum(new Sql(port));
      if (!there.equals(sum)) {
        throw new BenchException(
            side.name() + " has restored other data: " + there + " in place of " + sum, "");
      }
      return restored;
    }
  }
}
