package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.logical.Compression;
import io.pgfleet.backup.logical.ExportDescription;
import io.pgfleet.backup.logical.Exporting;
import io.pgfleet.cli.archive.BackupSource;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.FleetServers;
import io.pgfleet.spec.DatabaseSpec;
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

/** {@code pgfleet backup export}. */
@Command(
    name = "export",
    description = {
      "Writes the rows of a database's tables into files, one for each table.",
      "",
      "All are of one moment, and read from a standby if there is one. The folder has another name"
          + " (with .part behind it) until it is whole; Ctrl-C ends the export and deletes it."
    })
final class ExportCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(
      names = {"-d", "--database"},
      paramLabel = "NAME",
      description = "The database. Default: the first of fleet.yaml.")
  private @Nullable String database;

  @Option(
      names = {"-t", "--table"},
      paramLabel = "NAME",
      description =
          "A table, as it is written in SQL; may be repeated. Default: all, but those of extensions.")
  private List<String> tables = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "csv",
      description = "Only csv, with a line of names.")
  private String format = "csv";

  @Option(
      names = "--compress",
      paramLabel = "HOW",
      defaultValue = "none",
      description = "gzip, zstd or none. Default: none.")
  private Compression compression = Compression.NONE;

  @Option(
      names = "--from",
      paramLabel = "NODE",
      description = "The server to read from. Default: the standby with the least lag.")
  private @Nullable String from;

  @Parameters(paramLabel = "FOLDER", description = "One that is not there yet, or empty.")
  private Path folder = Path.of("export");

  @Override
  public Integer call() {
    if (!format.equals("csv")) {
      throw new CommandFailure(
          CommandFailure.USAGE, "there is no format " + format, "csv is the only one");
    }
    Fleet fleet = choice.any(new FleetRegistry(Folders.ofUser()));
    String name = Optional.ofNullable(database).orElseGet(() -> first(fleet));
    FleetServers servers = new FleetServers(fleet);
    BackupSource source = servers.sources(Optional.ofNullable(from)).getFirst();
    ExportDescription done =
        Breakable.run(
            source.node() + "/" + name + " to " + folder,
            work ->
                new Exporting(
                        servers.superuser(source, name), source.node(), folder, compression, work)
                    .run(tables));
    for (ExportDescription.Table table : done.tables()) {
      System.out.printf(
          "%s.%s: %d rows, %s%n",
          table.schema(), table.name(), table.rows(), ProgressLine.size(table.bytes()));
    }
    System.out.printf(
        "%s: %d tables, %d rows, %s of database %s on %s as of %s%n",
        folder,
        done.tables().size(),
        done.rows(),
        ProgressLine.size(done.bytes()),
        name,
        source.node(),
        done.position());
    return 0;
  }

  private static String first(Fleet fleet) {
    return fleet.spec().databases().stream()
        .map(DatabaseSpec::name)
        .findFirst()
        .orElseThrow(() ->
            new CommandFailure(
                CommandFailure.USAGE,
                "fleet.yaml has no database",
                "say which one: --database NAME"));
  }
}
