package io.pgfleet.bench.backup;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.peer.Programs;
import io.pgfleet.postgres.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * pgBackRest on the same machine, as the same user. The WAL that a backup needs comes by {@code
 * archive-push}, which belongs to what it takes; the backup waits for it.
 */
final class PgBackRestSide implements Side {
  private final Place place;
  private final SourceServer source;
  private final String program;
  private final String version;
  private final int processes;
  private final PgBackRestFile file;
  private final Path config;

  PgBackRestSide(Place place, SourceServer source, BackupSettings settings, Path program)
      throws InterruptedException {
    this.place = place;
    this.source = source;
    this.program = program.toString();
    this.version = version(program);
    this.processes = settings.threads();
    this.file = new PgBackRestFile(place.folder("pgbackrest"), settings.threads(), settings.key());
    this.config =
        place.file(
            "pgbackrest.conf", file.text(source.data(), source.sockets(), source.sql().port()));
  }

  /**
   * Its program.
   *
   * @throws BenchException if it is not installed
   */
  static Path program() {
    return Programs.find("pgbackrest")
        .orElseThrow(() ->
            new BenchException(
                "pgBackRest is not installed", "Debian: apt-get install pgbackrest"));
  }

  private static String version(Path program) throws InterruptedException {
    return Programs.run(List.of(program.toString(), "version"), Map.of()).strip();
  }

  @Override
  public String name() {
    return version;
  }

  @Override
  public String settings() {
    return version
        + ": "
        + processes
        + " processes beside the one that directs them, a file for each of the server's; every file"
        + " and folder is flushed, in the repository and when restored";
  }

  private MeasuredProgram command(List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(program, "--config=" + config, "--stanza=" + PgBackRestFile.STANZA));
    command.addAll(arguments);
    return new MeasuredProgram(
        place.user().command(command),
        Map.of("PGPASSWORD", Sql.PASSWORD, "HOME", place.folder().toString()),
        place.folder(),
        true);
  }

  @Override
  public Path repository() {
    return file.repository();
  }

  @Override
  public void prepare() throws InterruptedException {
    source.archiveBy(
        "%s --config=%s --stanza=%s archive-push %%p"
            .formatted(program, config, PgBackRestFile.STANZA));
    command(List.of("stanza-create")).run();
  }

  @Override
  public Taken backup() throws InterruptedException {
    SourceServer.Processor before = source.processor();
    Cost cost = command(List.of("--type=full", "backup")).run().whole();
    SourceServer.Processor used = source.processor().since(before);
    source.archiveBy(SourceServer.NO_ARCHIVE);
    requireWhole();
    return new Taken(
        new Cost(cost.time(), cost.processor().plus(used.archiving()), cost.peak()),
        used.server(),
        Place.bytes(file.repository(), _ -> false));
  }

  private void requireWhole() throws InterruptedException {
    List<String> command =
        place
            .user()
            .command(
                List.of(
                    program,
                    "--config=" + config,
                    "--stanza=" + PgBackRestFile.STANZA,
                    "--output=json",
                    "info"));
    PgBackRestInfo.parse(Programs.run(command, Map.of())).onlyFull();
  }

  @Override
  public Restored restore(Path target, int port) throws InterruptedException {
    place.folder(target.getFileName().toString());
    Cost files =
        command(List.of("--pg1-path=" + target, "--archive-mode=off", "restore")).run().whole();
    RestoredServer restored = new RestoredServer(place, target, port);
    long began = System.nanoTime();
    restored.start();
    Duration started = Duration.ofNanos(System.nanoTime() - began);
    return new Restored(
        files,
        new Cost(files.time().plus(started), files.processor(), files.peak()),
        SourceServer.used(new Server(place.installation(), target, place.user())));
  }

  @Override
  public void discard() {
    place.drop(file.repository());
  }
}
