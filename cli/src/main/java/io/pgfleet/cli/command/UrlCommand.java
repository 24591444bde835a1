package io.pgfleet.cli.command;

import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.Connections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgfleet url}. */
@Command(
    name = "url",
    description = "Prints the connection string of a database, password included.",
    footer = {"", "For example:  psql \"$(pgfleet url)\""})
public final class UrlCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Parameters(arity = "0..1", paramLabel = "DATABASE", description = "Default: the first one.")
  private @Nullable String database;

  @Option(names = "--jdbc", description = "In the form that pgJDBC takes.")
  private boolean jdbc;

  @Override
  public Integer call() {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    List<Connections> all = Connections.of(FleetChoice.spec(record), record.home());
    Connections one = Connections.pick(all, Optional.ofNullable(database));
    System.out.println(jdbc ? one.jdbc() : one.uri());
    return 0;
  }
}
