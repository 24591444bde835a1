package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.IncrementalRefusedException;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.keep.Prior;
import io.pgfleet.cli.archive.BackupSource;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.archive.RowSnapshot;
import io.pgfleet.cli.archive.Timetable;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.up.FleetServers;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet backup create}. */
@Command(
    name = "create",
    description = {
      "Takes a base backup of the running fleet now, into each repository.",
      "",
      "It is read from a standby if there is one; the WAL that makes it consistent comes along."
          + " Ctrl-C ends it; the next one goes on with what was put.",
      "",
      "Where the repository has a full one that is younger than backup.full_every, and the server"
          + " can (PostgreSQL 17 and newer), it holds only what was changed since the newest, else"
          + " everything."
    })
final class CreateCommand implements Callable<Integer> {
  @Mixin private RepositoryChoice choice = new RepositoryChoice();

  @Option(
      names = "--from",
      paramLabel = "NODE",
      description = "The server to read from. Default: the standby with the least lag.")
  private @Nullable String from;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads that compress, encrypt and put. Default: 2.")
  private int threads;

  /** Which kind is wanted. */
  private static final class Kinds {
    @Option(names = "--full", description = "Take a full one.")
    private boolean full;

    @Option(
        names = "--incremental",
        description = "Take an incremental one however old the last full one is.")
    private boolean incremental;
  }

  @ArgGroup private Kinds kinds = new Kinds();

  @Override
  public Integer call() {
    if (threads < 1 || threads > 16) {
      throw new CommandFailure(
          CommandFailure.USAGE, "--threads " + threads, "give a number from 1 to 16");
    }
    Fleet fleet = choice.fleet();
    FleetServers servers = new FleetServers(fleet);
    BackupSpec backup = fleet.spec().backup();
    Duration fullAge = new Timetable(backup.fullEvery(), backup.at()).age();
    for (BackupSpec.Repository one : choice.chosen(fleet)) {
      List<Reading> readings =
          servers.sources(Optional.ofNullable(from)).stream()
              .map(source -> new Reading(source, servers.replication(source)))
              .toList();
      try (Repository repository = Repository.open(fleet.spec(), one)) {
        Taken taken = take(repository, readings, fullAge);
        if (backup.drill().countRows()) {
          countRows(servers, taken);
        }
      }
    }
    return 0;
  }

  /** A server, and how it is reached. */
  private record Reading(BackupSource source, ConnectSettings settings) {}

  private Taken take(Repository repository, List<Reading> readings, Duration fullAge) {
    Reading best = readings.getFirst();
    long system = system(best.settings());
    // Ctrl-C breaks the work off, which then writes down what it has put; the JVM waits for that.
    Thread worker = Thread.currentThread();
    AtShutdown stop = new AtShutdown(() -> interrupt(worker));
    Archive archive;
    Manifest taken;
    try (stop;
        ProgressLine line = new ProgressLine("to " + repository.name())) {
      archive = repository.archive(system);
      Optional<Manifest> changes = changes(archive, readings, fullAge, line);
      taken =
          changes.orElseGet(() ->
              taking(archive).take(best.settings(), best.source().node(), system, line::show));
    }
    Duration time = Duration.between(taken.began(), taken.ended());
    System.out.printf(
        "%s: backup %s of %s, %s in %s, %s in the repository%n",
        repository.name(),
        taken.id(),
        taken.source(),
        ProgressLine.size(taken.bytes()),
        ProgressLine.time(time),
        ProgressLine.size(taken.stored()));
    taken
        .resumed()
        .ifPresent(resumed ->
            System.out.printf(
                "went on with %s: %d of %d packs were there already%n",
                taken.id(), resumed.carried(), taken.packs().size()));
    return new Taken(archive, taken.id());
  }

  /** A backup that was taken. */
  private record Taken(Archive archive, String id) {}

  private static void countRows(FleetServers servers, Taken taken) {
    RowSnapshot.take(
            taken.archive(),
            taken.id(),
            servers.sources(Optional.empty()),
            source -> servers.superuser(source, "postgres"))
        .ifPresent(why -> System.out.println("the rows were not counted: " + why));
  }

  private Taking taking(Archive archive) {
    return new Taking(archive, InstantSource.system(), threads, true);
  }

  /** An incremental backup, if one is wanted and can be taken; why not is told. */
  private Optional<Manifest> changes(
      Archive archive, List<Reading> readings, Duration fullAge, ProgressLine line) {
    if (kinds.full) {
      return Optional.empty();
    }
    Optional<Duration> limit = kinds.incremental ? Optional.empty() : Optional.of(fullAge);
    Prior prior = Prior.of(archive, limit, Instant.now());
    List<String> reasons = new ArrayList<>();
    if (prior.backup().isPresent()) {
      Manifest before = prior.backup().get();
      for (Reading reading : readings) {
        String node = reading.source().node();
        try {
          return Optional.of(
              taking(archive)
                  .incremental(reading.settings(), node, before.system(), before, line::show));
        } catch (IncrementalRefusedException e) {
          reasons.add(node + ": " + e.getMessage());
        }
      }
    } else {
      reasons.add(prior.reason());
    }
    line.clear();
    System.out.println("a full backup is taken: " + String.join("; ", reasons));
    return Optional.empty();
  }

  private static void interrupt(Thread worker) {
    worker.interrupt();
    try {
      worker.join(Duration.ofSeconds(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long system(ConnectSettings settings) {
    try (Connection connection = Connection.open(settings)) {
      return Long.parseUnsignedLong(
          connection
              .query("select system_identifier from pg_control_system()")
              .getFirst()
              .onlyRow()
              .required("system_identifier"));
    } catch (IOException | PostgresException e) {
      throw new CommandFailure(
          "the server at "
              + settings.host()
              + ":"
              + settings.port()
              + " can't be asked: "
              + e.getMessage(),
          "'pgfleet status' tells what it does");
    }
  }
}
