package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.command.backup.RepositoryChoice.Opened;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.spec.BackupSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet backup list}. */
@Command(
    name = "list",
    description = {
      "Lists the base backups in the repositories, oldest first.",
      "",
      "Works without any server of the fleet, and on a machine where it never ran."
    })
final class ListCommand implements Callable<Integer> {
  @Mixin private RepositoryChoice choice = new RepositoryChoice();

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  /** What {@code --json} prints. */
  record Report(List<Entry> backups) {}

  /**
   * A backup of that.
   *
   * @param system the cluster's system identifier
   * @param finish from where on it is consistent
   * @param bytes of the data
   * @param stored bytes in the repository
   * @param prior the backup that it is based on; none of a full one
   */
  record Entry(
      String repository,
      String id,
      String system,
      Instant began,
      Instant ended,
      String source,
      String version,
      int timeline,
      String start,
      String finish,
      long bytes,
      long stored,
      Optional<String> prior) {
    static Entry of(String repository, Manifest backup) {
      return new Entry(
          repository,
          backup.id(),
          Long.toUnsignedString(backup.system()),
          backup.began(),
          backup.ended(),
          backup.source(),
          backup.version(),
          backup.finishTimeline(),
          backup.start().toString(),
          backup.finish().toString(),
          backup.bytes(),
          backup.stored(),
          backup.prior());
    }
  }

  @Override
  public Integer call() {
    Fleet fleet = choice.fleet();
    List<Entry> entries = new ArrayList<>();
    for (BackupSpec.Repository one : choice.chosen(fleet)) {
      try (Repository repository = Repository.open(fleet.spec(), one)) {
        Optional<Opened> opened = choice.open(repository);
        opened.ifPresent(
            held -> held.backups().forEach(backup -> entries.add(Entry.of(one.name(), backup))));
        if (!json) {
          opened
              .filter(held -> !held.backups().isEmpty())
              .ifPresentOrElse(
                  held -> print(one.name(), held.backups()),
                  () ->
                      System.out.println(
                          one.name() + " (" + repository.store().place() + "): no base backup"));
        }
      }
    }
    if (json) {
      System.out.println(
          new String(
              JsonCodec.of(Report.class).encode(new Report(entries)), StandardCharsets.UTF_8));
    }
    return 0;
  }

  private static void print(String repository, List<Manifest> backups) {
    System.out.println(repository + ":");
    System.out.printf(
        "  %-32s %-20s %-8s %9s %9s %8s  %s%n",
        "BACKUP", "WHOLE AT", "FROM", "DATA", "STORED", "TOOK", "POSITION");
    List<Manifest> restorable = BackupChain.restorable(backups);
    for (Manifest backup : backups) {
      System.out.printf(
          "  %-32s %-20s %-8s %9s %9s %8s  %s on timeline %d%s%n",
          backup.id(),
          backup.ended().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
          backup.source(),
          ProgressLine.size(backup.bytes()),
          ProgressLine.size(backup.stored()),
          ProgressLine.time(Duration.between(backup.began(), backup.ended())),
          backup.finish(),
          backup.finishTimeline(),
          restorable.contains(backup) ? "" : ", rests on a backup that is not there");
    }
  }
}
