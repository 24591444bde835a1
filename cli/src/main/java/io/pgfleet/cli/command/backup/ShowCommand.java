package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.command.backup.RepositoryChoice.Opened;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code pgfleet backup show}. */
@Command(name = "show", description = "Shows a base backup, and how far it can be rolled forward.")
final class ShowCommand implements Callable<Integer> {
  @Mixin private RepositoryChoice choice = new RepositoryChoice();

  @Parameters(
      arity = "0..1",
      paramLabel = "BACKUP",
      description = "Its name, as 'list' shows it. Default: the newest.")
  private @Nullable String id;

  @Override
  public Integer call() {
    Fleet fleet = choice.fleet();
    try (Repository repository = choice.first(fleet)) {
      Opened opened = choice.require(repository);
      Manifest backup = find(opened, repository);
      row("backup", backup.id());
      row("repository", repository.name() + " (" + opened.archive().place() + ")");
      row("system", Long.toUnsignedString(backup.system()));
      row("PostgreSQL", backup.version());
      row("from", backup.source());
      row("began", backup.began().toString());
      row(
          "whole at",
          backup.ended()
              + " (after "
              + ProgressLine.time(Duration.between(backup.began(), backup.ended()))
              + ")");
      row("start", backup.start() + " on timeline " + backup.timeline());
      row("consistent from", backup.finish() + " on timeline " + backup.finishTimeline());
      backup.prior().ifPresent(prior -> row("rests on", chain(prior, opened)));
      row("files", backup.files().size() + ", " + ProgressLine.size(backup.bytes()));
      row(
          "objects",
          backup.packs().size()
              + 1
              + ", "
              + ProgressLine.size(backup.stored())
              + (repository.key().isPresent() ? ", encrypted" : ", not encrypted"));
      RestorePlan plan = RestorePlan.of(List.of(backup), opened.wal(), new RecoveryTarget.Latest());
      row("rolls forward to", plan.end() + " on timeline " + plan.timeline());
    }
    return 0;
  }

  /** What it is based on, back to the full one. */
  private static String chain(String prior, Opened opened) {
    StringBuilder words = new StringBuilder();
    Optional<String> next = Optional.of(prior);
    for (int i = 0; next.isPresent() && i < opened.backups().size(); i++) {
      String name = next.get();
      Optional<Manifest> held =
          opened.backups().stream().filter(backup -> backup.id().equals(name)).findFirst();
      words
          .append(words.isEmpty() ? "" : ", ")
          .append(name)
          .append(held.isPresent() ? "" : " (NOT THERE: it can't be restored)");
      next = held.flatMap(Manifest::prior);
    }
    return words.toString();
  }

  private Manifest find(Opened opened, Repository repository) {
    List<Manifest> backups = opened.backups();
    if (backups.isEmpty()) {
      throw new CommandFailure(
          "repository " + repository.name() + " has no base backup",
          "'pgfleet backup create' takes one");
    }
    if (id == null) {
      return backups.getLast();
    }
    return backups.stream()
        .filter(backup -> backup.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new CommandFailure(
                CommandFailure.USAGE,
                "repository " + repository.name() + " has no backup " + id,
                "'pgfleet backup list' shows those that there are"));
  }

  private static void row(String name, String value) {
    System.out.printf("%-17s %s%n", name, value);
  }
}
