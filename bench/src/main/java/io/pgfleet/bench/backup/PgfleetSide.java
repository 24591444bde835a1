package io.pgfleet.bench.backup;

import io.pgfleet.postgres.Server;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Ourselves: the module {@code backup} in a program of its own, started as this one was. */
final class PgfleetSide implements Side {
  private static final String MEMORY = "-Xmx256m";

  private final Place place;
  private final SourceServer source;
  private final BackupSettings settings;
  private final Path repository;
  private final long system;

  PgfleetSide(Place place, SourceServer source, BackupSettings settings) {
    this.place = place;
    this.source = source;
    this.settings = settings;
    this.repository = place.folder().resolve("pgfleet");
    this.system = source.system();
    // What stops its user from reading the program is said before anything is measured.
    for (String part : System.getProperty("java.class.path").split(":")) {
      place.user().checkReach(Path.of(part));
    }
  }

  @Override
  public String name() {
    return "pgfleet";
  }

  @Override
  public String settings() {
    return "pgfleet: "
        + settings.threads()
        + " threads beside the one that receives, "
        + MEMORY
        + ", objects of 8 MB, each flushed as its folder is; restored files are flushed with their"
        + " file system";
  }

  @Override
  public Path repository() {
    return repository;
  }

  @Override
  public void prepare() {
    place.folder(repository.getFileName().toString());
  }

  @Override
  public Taken backup() throws InterruptedException {
    SourceServer.Processor before = source.processor();
    Cost cost =
        worker(BackupWorker.backup(repository, system, settings.threads(), source.sql().port()))
            .run()
            .whole();
    return new Taken(
        cost, source.processor().since(before).server(), Place.bytes(repository, _ -> false));
  }

  @Override
  public Restored restore(Path target, int port) throws InterruptedException {
    MeasuredProgram.Outcome outcome =
        worker(
                BackupWorker.restore(
                    repository,
                    system,
                    settings.threads(),
                    port,
                    target,
                    place.installation().bin()))
            .run();
    Server restored = new Server(place.installation(), target, place.user());
    return new Restored(
        outcome.at(BackupWorker.FILES), outcome.whole(), SourceServer.used(restored));
  }

  private MeasuredProgram worker(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-Xm"))
        .forEach(command::add);
    command.addAll(List.of("-Xms32m", MEMORY, "-cp", System.getProperty("java.class.path")));
    command.add(BackupWorker.class.getName());
    command.addAll(arguments);
    Map<String, String> environment =
        settings.key().map(key -> Map.of(BackupWorker.KEY, key)).orElse(Map.of());
    return new MeasuredProgram(place.user().command(command), environment, place.folder(), false);
  }

  @Override
  public void discard() {
    place.drop(repository);
  }
}
