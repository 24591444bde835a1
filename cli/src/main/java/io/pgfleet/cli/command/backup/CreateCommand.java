package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.cli.archive.BackupSource;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.up.FleetServers;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet backup create}. */
@Command(
    name = "create",
    description = {
      "Takes a base backup of the running fleet now, into each repository.",
      "",
      "It is read from a standby if there is one, and complete in itself: the WAL that makes it"
          + " consistent comes along. Ctrl-C ends it; what was put is deleted."
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

  @Override
  public Integer call() {
    if (threads < 1 || threads > 16) {
      throw new CommandFailure(
          CommandFailure.USAGE, "--threads " + threads, "give a number from 1 to 16");
    }
    Fleet fleet = choice.fleet();
    FleetServers servers = new FleetServers(fleet);
    for (BackupSpec.Repository one : choice.chosen(fleet)) {
      BackupSource source = servers.source(Optional.ofNullable(from));
      try (Repository repository = Repository.open(fleet.spec(), one)) {
        take(repository, source, servers.replication(source));
      }
    }
    return 0;
  }

  private void take(Repository repository, BackupSource source, ConnectSettings settings) {
    long system = system(settings);
    String title = source.node() + " to " + repository.name();
    // Ctrl-C breaks the work off, which then deletes what it has put; the JVM waits for that.
    Thread worker = Thread.currentThread();
    Thread stop = Thread.ofPlatform().unstarted(() -> interrupt(worker));
    Runtime.getRuntime().addShutdownHook(stop);
    Manifest taken;
    try (ProgressLine line = new ProgressLine(title)) {
      taken =
          new Taking(repository.archive(system), InstantSource.system(), threads, true)
              .take(settings, source.node(), system, line::show);
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(stop);
      } catch (IllegalStateException e) {
        // The JVM is on its way down: that was it.
      }
    }
    Duration time = Duration.between(taken.began(), taken.ended());
    System.out.printf(
        "%s: backup %s of %s, %s in %s, %s in the repository%n",
        repository.name(),
        taken.id(),
        source.node(),
        ProgressLine.size(taken.bytes()),
        ProgressLine.time(time),
        ProgressLine.size(taken.stored()));
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
