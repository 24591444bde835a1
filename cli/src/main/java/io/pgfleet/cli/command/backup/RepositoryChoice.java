package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.spec.BackupSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which a command is told which fleet and which of its repositories it is about. */
final class RepositoryChoice {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(
      names = {"-r", "--repository"},
      paramLabel = "NAME",
      description =
          "One of the repositories of fleet.yaml. Default: each, or where one is enough,"
              + " the first.")
  private @Nullable String repository;

  @Option(
      names = "--system",
      paramLabel = "ID",
      description =
          "The database cluster, where a repository has backups of several. Default: the one with"
              + " the newest backup.")
  private @Nullable String system;

  /** What a repository holds of a cluster: its backups, and its WAL. */
  record Opened(Repository repository, long system, Archive archive, List<Manifest> backups) {
    /** The WAL, in segments of the size that the newest backup has. */
    WalArchive wal() {
      return new WalArchive(
          archive, backups.isEmpty() ? SegmentName.USUAL_SIZE : backups.getLast().segment());
    }
  }

  /** The fleet, which need not run, nor ever have run here. */
  Fleet fleet() {
    return choice.any(new FleetRegistry(Folders.ofUser()));
  }

  /** The repositories that were named, or all. */
  List<BackupSpec.Repository> chosen(Fleet fleet) {
    List<BackupSpec.Repository> all = fleet.spec().backup().repositories();
    if (all.isEmpty()) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "fleet " + fleet.record().name() + " has no repository",
          "name one in fleet.yaml: backup: {repositories: {main: {folder: /srv/backup}}}; then"
              + " start the fleet again");
    }
    if (repository == null) {
      return all;
    }
    return List.of(
        all.stream()
            .filter(one -> one.name().equals(repository))
            .findFirst()
            .orElseThrow(() ->
                new CommandFailure(
                    CommandFailure.USAGE,
                    "there is no repository " + repository,
                    "fleet.yaml has "
                        + String.join(
                            ", ", all.stream().map(BackupSpec.Repository::name).toList()))));
  }

  /** The first of those. */
  Repository first(Fleet fleet) {
    return Repository.open(fleet.spec(), chosen(fleet).getFirst());
  }

  /**
   * What a repository holds of the cluster that is asked for.
   *
   * @return nothing if it holds nothing
   */
  Optional<Opened> open(Repository from) {
    if (system != null) {
      return Optional.of(open(from, number(system)));
    }
    return from.systems().stream()
        .map(id -> open(from, id))
        .max(
            Comparator.comparing(opened ->
                opened.backups().isEmpty()
                    ? java.time.Instant.MIN
                    : opened.backups().getLast().ended()));
  }

  private static Opened open(Repository from, long id) {
    Archive archive = from.archive(id);
    return new Opened(from, id, archive, new Backups(archive).all());
  }

  /** The same where there must be something. */
  Opened require(Repository from) {
    return open(from)
        .orElseThrow(() ->
            new CommandFailure(
                "repository "
                    + from.name()
                    + " ("
                    + from.store().place()
                    + ") holds nothing of fleet "
                    + from.fleet(),
                "'pgfleet backup create' takes a backup; see that fleet.yaml names the right place"));
  }

  private static long number(String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "'" + text + "' is no system identifier",
          "'pgfleet backup list' shows those that there are");
    }
  }
}
