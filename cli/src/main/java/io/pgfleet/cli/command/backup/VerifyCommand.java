package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.keep.Verification;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.command.backup.RepositoryChoice.Opened;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.spec.BackupSpec;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgfleet backup verify}. */
@Command(
    name = "verify",
    description = {
      "Reads every object of the repositories again, and tells which are damaged or missing.",
      "",
      "What is damaged can't be restored by mistake: a restore reads the same checksums."
    },
    footer = {"", "Exit status: 0 if all is as it was written, 1 if not."})
final class VerifyCommand implements Callable<Integer> {
  @Mixin private RepositoryChoice choice = new RepositoryChoice();

  @Override
  public Integer call() {
    Fleet fleet = choice.fleet();
    boolean clean = true;
    for (BackupSpec.Repository one : choice.chosen(fleet)) {
      try (Repository repository = Repository.open(fleet.spec(), one)) {
        clean &= verify(repository);
      }
    }
    return clean ? 0 : CommandFailure.FAILED;
  }

  private boolean verify(Repository repository) {
    Opened opened = choice.require(repository);
    long all = 0;
    for (String folder : new String[] {"backups", "wal", "drills"}) {
      all += opened.archive().list(folder).stream().mapToLong(listed -> listed.size()).sum();
    }
    long total = all;
    long began = System.nanoTime();
    AtomicLong read = new AtomicLong();
    Verification.Report report;
    try (ProgressLine line = new ProgressLine("reading " + repository.name())) {
      report =
          new Verification(opened.archive())
              .run(bytes ->
                  line.show(
                      new BackupProgress(
                          read.addAndGet(bytes),
                          total,
                          Duration.ofNanos(System.nanoTime() - began))));
    }
    report
        .findings()
        .forEach(finding ->
            System.out.println(
                repository.name()
                    + ": "
                    + finding.message()
                    + finding
                        .backup()
                        .map(id -> " Backup " + id + " can't be restored.")
                        .orElse("")));
    System.out.printf(
        "%s: %d objects, %s, %s%n",
        repository.name(),
        report.objects(),
        ProgressLine.size(report.bytes()),
        report.clean() ? "all as they were written" : report.findings().size() + " findings");
    return report.clean();
  }
}
