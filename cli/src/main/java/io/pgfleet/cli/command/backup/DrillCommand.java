package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.drill.DrillReport;
import io.pgfleet.backup.drill.Drills;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.DrillPlace;
import io.pgfleet.spec.BackupSpec;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet backup drill}. */
@Command(
    name = "drill",
    description = {
      "Restores the newest backup into a throw-away server, and looks whether all is sound.",
      "",
      "It recovers to some moment, has the server check every page, reads every row, runs amcheck"
          + " over tables and indexes, and asks the checks of fleet.yaml (backup.drill.checks). The"
          + " fleet itself is not touched, and need not run. The report is kept in the repository."
    },
    footer = {"", "Exit status: 0 if the repository has proved itself, 1 if not."})
final class DrillCommand implements Callable<Integer> {
  @Mixin private RepositoryChoice choice = new RepositoryChoice();

  @Option(names = "--history", description = "Run nothing; show the drills that there were.")
  private boolean history;

  @Override
  public Integer call() {
    Fleet fleet = choice.fleet();
    boolean passed = true;
    for (BackupSpec.Repository one : choice.chosen(fleet)) {
      try (Repository repository = Repository.open(fleet.spec(), one)) {
        passed &= history ? show(repository) : drill(fleet, repository);
      }
    }
    return passed ? 0 : CommandFailure.FAILED;
  }

  private boolean show(Repository repository) {
    System.out.println(repository.name() + ":");
    for (DrillReport report : new Drills(choice.require(repository).archive()).all()) {
      System.out.printf(
          "  %s  %-6s  restored in %-9s  %s%n",
          report.began().truncatedTo(ChronoUnit.SECONDS),
          report.passed() ? "passed" : "FAILED",
          report.restoreMillis() == 0
              ? "-"
              : ProgressLine.time(Duration.ofMillis(report.restoreMillis())),
          report.passed() ? report.target() : report.failure());
    }
    return true;
  }

  private boolean drill(Fleet fleet, Repository repository) {
    RepositoryChoice.Opened opened = choice.require(repository);
    System.out.println("drill of repository " + repository.name() + ":");
    DrillReport report =
        DrillPlace.of(fleet, Folders.ofUser()).run(opened.archive(), Optional.empty(), words -> {});
    for (DrillReport.Step step : report.steps()) {
      System.out.printf(
          "  %-24s %-6s %8s  %s%n",
          step.name(), step.passed() ? "ok" : "FAILED", step.millis() + " ms", step.detail());
    }
    System.out.println(
        report.passed()
            ? "passed: %s, %s, was back in %s"
                .formatted(
                    report.backup(),
                    ProgressLine.size(report.bytes()),
                    ProgressLine.time(Duration.ofMillis(report.restoreMillis())))
            : "FAILED: " + report.failure());
    return report.passed();
  }
}
