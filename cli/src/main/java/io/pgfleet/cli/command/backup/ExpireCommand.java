package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.keep.Expiry;
import io.pgfleet.backup.keep.Retention;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.command.backup.RepositoryChoice.Opened;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.spec.BackupSpec;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet backup expire}. */
@Command(
    name = "expire",
    description = {
      "Deletes what fleet.yaml no longer keeps (keep), as each scheduled base backup does.",
      "",
      "What a restore of any kept backup, or to any moment of the window, needs always stays."
    })
final class ExpireCommand implements Callable<Integer> {
  @Mixin private RepositoryChoice choice = new RepositoryChoice();

  @Option(names = "--dry-run", description = "Only tell what would be deleted.")
  private boolean dryRun;

  @Override
  public Integer call() {
    Fleet fleet = choice.fleet();
    for (BackupSpec.Repository one : choice.chosen(fleet)) {
      try (Repository repository = Repository.open(fleet.spec(), one)) {
        expire(repository);
      }
    }
    return 0;
  }

  private void expire(Repository repository) {
    Opened opened = choice.require(repository);
    if (repository.retention().equals(Retention.ALL)) {
      System.out.println(
          repository.name() + ": everything is kept; 'keep' in fleet.yaml limits it");
      return;
    }
    Expiry expiry = new Expiry(opened.archive(), opened.wal());
    Expiry.Plan plan = expiry.plan(repository.retention(), Instant.now());
    plan.backups()
        .forEach(backup ->
            System.out.printf(
                "%s: backup %s, %s: it %s%n",
                repository.name(),
                backup.id(),
                ProgressLine.size(backup.bytes()),
                backup.reason()));
    plan.leftovers()
        .forEach(left ->
            System.out.printf(
                "%s: objects of %s, %s: it %s%n",
                repository.name(), left.id(), ProgressLine.size(left.bytes()), left.reason()));
    if (!dryRun) {
      expiry.run(plan, _ -> {});
    }
    System.out.printf(
        "%s: %s%s, %d of them WAL%n",
        repository.name(),
        ProgressLine.size(plan.bytes()),
        dryRun ? " would be deleted" : " deleted",
        plan.wal().size());
  }
}
