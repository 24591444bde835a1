package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.logical.ExportDescription;
import io.pgfleet.backup.logical.Importing;
import io.pgfleet.backup.logical.Importing.Existing;
import io.pgfleet.backup.logical.Importing.Loaded;
import io.pgfleet.cli.archive.BackupSource;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.FleetServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgfleet backup import}. */
@Command(
    name = "import",
    description = {
      "Loads what 'backup export' wrote into tables that are there, in one transaction.",
      "",
      "Every file's checksum, every table and every column is looked at before anything is changed."
          + " Ctrl-C, or whatever fails, leaves the tables as they were. Triggers of the tables"
          + " fire as for any COPY."
    })
final class ImportCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(
      names = {"-d", "--database"},
      paramLabel = "NAME",
      description = "The database to load into. Default: the one that was exported.")
  private @Nullable String database;

  @Option(
      names = {"-t", "--table"},
      paramLabel = "SCHEMA.NAME",
      description = "A table of the export; may be repeated. Default: all.")
  private List<String> tables = new ArrayList<>();

  @Option(
      names = "--truncate",
      description = "Delete all rows of the tables first, in the same transaction.")
  private boolean truncate;

  @Option(names = "--append", description = "Load into tables that have rows, too, and keep those.")
  private boolean append;

  @Parameters(paramLabel = "FOLDER", description = "What 'backup export' made.")
  private Path folder = Path.of("export");

  @Override
  public Integer call() {
    if (truncate && append) {
      throw new CommandFailure(
          CommandFailure.USAGE, "--truncate and --append exclude each other", "give one of them");
    }
    Existing existing = truncate ? Existing.TRUNCATE : append ? Existing.KEEP : Existing.REFUSE;
    Fleet fleet = choice.any(new FleetRegistry(Folders.ofUser()));
    String name =
        Optional.ofNullable(database).orElseGet(() -> ExportDescription.read(folder).database());
    FleetServers servers = new FleetServers(fleet);
    BackupSource primary = servers.primary();
    Loaded loaded =
        Breakable.run(
            folder + " to " + primary.node() + "/" + name,
            work ->
                new Importing(servers.superuser(primary, name), folder, existing, work)
                    .run(tables));
    loaded
        .sequences()
        .forEach(
            (sequence, value) -> System.out.println("sequence " + sequence + " is at " + value));
    System.out.printf(
        "%s: %d tables, %d rows loaded into database %s%n",
        folder, loaded.tables(), loaded.rows(), name);
    return 0;
  }
}
