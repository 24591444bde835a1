package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.push.WalFile;
import io.pgfleet.backup.push.WalFolder;
import io.pgfleet.backup.push.WalPush;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.cli.archive.Repository;
import io.pgfleet.cli.command.backup.RepositoryChoice.Opened;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.spec.BackupSpec;
import io.pgfleet.wire.Lsn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code pgfleet backup push}. */
@Command(
    name = "push",
    description = {
      "Puts files of a server's pg_wal into the repositories.",
      "",
      "For the WAL of a lost server whose disk is still there: pgfleet backup push"
          + " /disk/pg_wal/0000*. What is there already is compared, and nothing is replaced. Of"
          + " the last segment comes as much as was written. It also serves as the"
          + " archive_command of a server that no agent tends: pgfleet backup push \"%%p\"."
    },
    footer = {"", "Exit status: 0 if every file is in every repository, 1 if not."})
final class PushCommand implements Callable<Integer> {
  @Mixin private RepositoryChoice choice = new RepositoryChoice();

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Segments and histories of timelines; they keep the names they have in pg_wal.")
  private List<Path> files = new ArrayList<>();

  @Override
  public Integer call() {
    Fleet fleet = choice.fleet();
    boolean well = true;
    for (BackupSpec.Repository one : choice.chosen(fleet)) {
      try (Repository repository = Repository.open(fleet.spec(), one)) {
        Opened opened = choice.require(repository);
        for (Path file : files) {
          well &= push(opened, file);
        }
      }
    }
    return well ? 0 : CommandFailure.FAILED;
  }

  /** One that can't be put keeps none of the others back. */
  private static boolean push(Opened opened, Path path) {
    Path file = path.toAbsolutePath().normalize();
    Path folder = file.getParent();
    String name = String.valueOf(file.getFileName());
    String repository = opened.repository().name();
    try {
      WalFile read =
          new WalFolder(folder == null ? file : folder, opened.system()).readUnsaid(name);
      WalPush.Outcome outcome = WalPush.push(archive(opened, read), read);
      System.out.println(repository + ": " + name + " " + words(read, outcome));
      return true;
    } catch (BackupException e) {
      System.err.println(repository + ": " + e.getMessage() + " " + e.hint());
      return false;
    }
  }

  private static WalArchive archive(Opened opened, WalFile file) {
    return switch (file) {
      case WalFile.Whole(SegmentName segment, _) ->
          new WalArchive(opened.archive(), segment.size());
      case WalFile.Beginning(_, SegmentName segment, _) ->
          new WalArchive(opened.archive(), segment.size());
      case WalFile.History _, WalFile.Unneeded _ -> opened.wal();
    };
  }

  private static String words(WalFile file, WalPush.Outcome outcome) {
    String much =
        file instanceof WalFile.Beginning(_, SegmentName segment, byte[] content)
            ? " up to " + new Lsn(segment.start().value() + content.length)
            : "";
    return switch (outcome) {
      case PUT -> "put" + much;
      case THERE -> "was there" + much;
      case UNNEEDED ->
          file instanceof WalFile.Unneeded(_, String why)
              ? "left out: " + why
              : "left out: nothing was written to it";
    };
  }
}
