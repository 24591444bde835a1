package io.pgfleet.cli.command.backup;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code pgfleet backup}. */
@Command(
    name = "backup",
    description = {
      "Base backups, WAL and recovery to any moment.",
      "",
      "A fleet with repositories in fleet.yaml (backup:) archives its WAL and takes base backups by"
          + " itself; docs/backup.md tells all about it."
    },
    synopsisSubcommandLabel = "WHAT",
    commandListHeading = "%nWhat:%n",
    subcommands = {
      CreateCommand.class,
      ListCommand.class,
      ShowCommand.class,
      CheckCommand.class,
      VerifyCommand.class,
      ExpireCommand.class,
      RestoreCommand.class,
      MarkCommand.class,
      PushCommand.class,
      DrillCommand.class,
      RotateKeyCommand.class,
      ExportCommand.class,
      ImportCommand.class
    })
public final class BackupCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** For picocli, which fills in the rest. */
  public BackupCommand() {
    spec = CommandSpec.create();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
