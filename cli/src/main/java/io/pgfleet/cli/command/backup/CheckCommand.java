package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.BackupChain;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.drill.DrillReport;
import io.pgfleet.backup.drill.Drills;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.command.backup.RepositoryChoice.Opened;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.up.FleetServers;
import io.pgfleet.spec.BackupSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgfleet backup check}. */
@Command(
    name = "check",
    description = {
      "Tells whether the repositories keep what fleet.yaml promises.",
      "",
      "That each can be reached and read with the key, has a recent base backup, WAL without a gap"
          + " behind each, and gets WAL now. It reads lists and manifests; 'verify' reads everything."
    },
    footer = {"", "Exit status: 0 if all is well, 1 if not."})
final class CheckCommand implements Callable<Integer> {
  @Mixin private RepositoryChoice choice = new RepositoryChoice();

  /** What a repository is told of, line by line. */
  private static final class Findings {
    private boolean well = true;

    void good(String what, String words) {
      System.out.printf("  %-14s %-8s %s%n", what, "ok", words);
    }

    void bad(String what, String words) {
      well = false;
      System.out.printf("  %-14s %-8s %s%n", what, "PROBLEM", words);
    }
  }

  @Override
  public Integer call() {
    Fleet fleet = choice.fleet();
    Optional<StatusReport> status = status(fleet);
    boolean well = true;
    for (BackupSpec.Repository one : choice.chosen(fleet)) {
      System.out.println(one.name() + ":");
      Findings findings = new Findings();
      try (Repository repository = Repository.open(fleet.spec(), one)) {
        check(fleet, repository, findings);
      } catch (BackupException e) {
        findings.bad("repository", e.getMessage() + " " + e.hint());
      }
      status.ifPresent(report -> checkArchiver(report, one.name(), findings));
      well &= findings.well;
    }
    if (status.isEmpty()) {
      System.out.println("the fleet does not run here, so whether WAL arrives was not asked");
    }
    return well ? 0 : CommandFailure.FAILED;
  }

  /** The repositories can be looked at without the fleet. */
  private static Optional<StatusReport> status(Fleet fleet) {
    try {
      return Optional.of(new FleetServers(fleet).status());
    } catch (CommandFailure e) {
      return Optional.empty();
    }
  }

  private void check(Fleet fleet, Repository repository, Findings findings) {
    Optional<Opened> found = choice.open(repository);
    if (found.isEmpty() || found.get().backups().isEmpty()) {
      findings.bad("base backups", "there is none in " + repository.store().place());
      return;
    }
    Opened opened = found.get();
    findings.good(
        "repository",
        opened.archive().place()
            + (repository.key().isPresent() ? ", encrypted" : ", not encrypted"));
    Manifest newest = opened.backups().getLast();
    Duration age = Duration.between(newest.ended(), Instant.now());
    String words = opened.backups().size() + ", the newest " + ProgressLine.time(age) + " old";
    // A schedule that was missed once may only have been late.
    if (age.compareTo(fleet.spec().backup().every().multipliedBy(2)) > 0) {
      findings.bad("base backups", words + ", and one is due every " + every(fleet));
    } else {
      findings.good("base backups", words);
    }
    checkChains(opened, findings);
    checkWal(opened, findings);
    checkDrill(opened, findings);
  }

  private static void checkChains(Opened opened, Findings findings) {
    List<Manifest> restorable = BackupChain.restorable(opened.backups());
    for (Manifest backup : opened.backups()) {
      if (!restorable.contains(backup)) {
        findings.bad(
            "base backups", backup.id() + " rests on a backup that is not in the repository");
      }
    }
  }

  private static String every(Fleet fleet) {
    return ProgressLine.time(fleet.spec().backup().every());
  }

  private static void checkWal(Opened opened, Findings findings) {
    List<String> broken = new ArrayList<>();
    Optional<RestorePlan> newest = Optional.empty();
    for (Manifest backup : opened.backups()) {
      try {
        newest =
            Optional.of(RestorePlan.of(List.of(backup), opened.wal(), new RecoveryTarget.Latest()));
      } catch (BackupException e) {
        newest = Optional.empty();
        broken.add(backup.id() + ": " + e.getMessage());
      }
    }
    newest.ifPresent(plan ->
        findings.good(
            "WAL",
            "from "
                + opened.backups().getFirst().finish()
                + " up to "
                + plan.end()
                + " on timeline "
                + plan.timeline()));
    broken.forEach(words -> findings.bad("WAL", words));
  }

  private static void checkDrill(Opened opened, Findings findings) {
    Optional<DrillReport> last = new Drills(opened.archive()).newest();
    if (last.isEmpty()) {
      findings.good("drill", "there was none yet; 'pgfleet backup drill' runs one");
    } else if (last.get().passed()) {
      findings.good("drill", "passed at " + last.get().ended());
    } else {
      findings.bad("drill", "failed at " + last.get().ended() + ": " + last.get().failure());
    }
  }

  private static void checkArchiver(StatusReport report, String name, Findings findings) {
    for (StatusReport.Archive archive : report.archives()) {
      if (archive.name().equals(name)) {
        archive
            .trouble()
            .ifPresentOrElse(
                why -> findings.bad("archiver", why),
                () ->
                    findings.good(
                        "archiver",
                        "on "
                            + archive.node().orElse("no node")
                            + ", WAL up to "
                            + archive.end().orElse("nothing")
                            + archive.confirmed().map(at -> ", confirmed at " + at).orElse("")));
      }
    }
  }
}
