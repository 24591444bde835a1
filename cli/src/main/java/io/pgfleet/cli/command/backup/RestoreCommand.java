package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.command.backup.RepositoryChoice.Opened;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.RestoredFleet;
import io.pgfleet.cli.up.Terminal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet backup restore}. */
@Command(
    name = "restore",
    description = {
      "Makes the fleet again from a repository, up to a moment.",
      "",
      "The fleet must be down. Its first node is made; 'pgfleet up' then starts the fleet with it"
          + " and clones the others. Whether the moment can be reached is known before anything is"
          + " changed."
    })
final class RestoreCommand implements Callable<Integer> {
  @Mixin private RepositoryChoice choice = new RepositoryChoice();

  @Option(
      names = "--to",
      paramLabel = "MOMENT",
      defaultValue = "latest",
      description = {
        "latest (default); a time: 2026-11-21T18:30:05 (local), 2026-11-21T18:30:05+01:00, 18:30"
            + " (today), -5m (s, m, h, d ago); lsn:0/3000060; mark:NAME ('pgfleet backup mark');"
            + " before:TRANSACTION (just before it committed)."
      })
  private String to = "latest";

  @Option(
      names = "--backup",
      paramLabel = "BACKUP",
      description = "The base backup to begin with. Default: the newest before the moment.")
  private @Nullable String id;

  @Option(
      names = "--database",
      paramLabel = "NAME",
      description = "Keep this database, and drop the others after the recovery; repeatable.")
  private List<String> databases = new ArrayList<>();

  @Option(
      names = "--in-place",
      description = "Put the data that is there aside. Asks first; nothing is deleted.")
  private boolean inPlace;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "4",
      description = "Threads that fetch, decrypt and write. Default: 4.")
  private int threads;

  @Override
  public Integer call() {
    if (threads < 1 || threads > 16) {
      throw new CommandFailure(
          CommandFailure.USAGE, "--threads " + threads, "give a number from 1 to 16");
    }
    RecoveryTarget target = RestoreTarget.parse(to, Instant.now(), ZoneId.systemDefault());
    Fleet fleet = choice.fleet();
    RestoredFleet restored = RestoredFleet.of(fleet, Folders.ofUser());
    try (Repository repository = choice.first(fleet)) {
      Opened opened = choice.require(repository);
      RestorePlan plan = RestorePlan.of(backups(opened), opened.wal(), target);
      BackupChain chain = BackupChain.of(new Backups(opened.archive()), plan.backup());
      restored.check(plan, chain.bytes(), inPlace);
      System.out.printf(
          "backup %s of %s (%s) from repository %s, then WAL up to %s%n",
          plan.backup().id(),
          plan.backup().source(),
          ProgressLine.size(chain.bytes()),
          repository.name(),
          RestoreTarget.words(target));
      if (inPlace && !restored.inTheWay().isEmpty()) {
        confirm(fleet);
        restored.putAside(System.out::println);
      }
      try (ProgressLine line = new ProgressLine("restoring " + restored.node())) {
        restored.restore(
            opened.archive(),
            plan,
            target,
            databases,
            threads,
            line::show,
            words -> {
              line.clear();
              System.out.println(words);
            });
      }
    }
    System.out.println(
        "restored into "
            + restored.folder()
            + "; 'pgfleet up' starts the fleet with it, and clones the other nodes");
    return 0;
  }

  private List<Manifest> backups(Opened opened) {
    if (id == null) {
      return BackupChain.restorable(opened.backups());
    }
    List<Manifest> one =
        opened.backups().stream().filter(backup -> backup.id().equals(id)).toList();
    if (one.isEmpty()) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "there is no backup " + id,
          "'pgfleet backup list' shows those that there are");
    }
    return one;
  }

  private void confirm(Fleet fleet) {
    if (yes) {
      return;
    }
    if (!Terminal.isInteractive()) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "restoring fleet " + fleet.record().name() + " in place must be confirmed",
          "add --yes where nobody can be asked");
    }
    Optional<String> typed =
        Terminal.ask(
            "The data of fleet %s will be put aside, and what was written after that moment is no"
                    .formatted(fleet.record().name())
                + " longer in it. Type the fleet's name to go on: ");
    if (!typed.map(String::strip).equals(Optional.of(fleet.record().name()))) {
      throw new CommandFailure("nothing was changed", "");
    }
  }
}
