package io.pgfleet.cli.command;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.Connections;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgfleet route}. */
@Command(
    name = "route",
    description = "Tells where the gateway would send a statement now, and why. Runs nothing.",
    footer = {"", "For example:  pgfleet route \"SELECT count(*) FROM orders\""})
public final class RouteCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Parameters(paramLabel = "STATEMENT", description = "SQL, in quotes.")
  private String statement = "";

  @Option(
      names = {"-d", "--database"},
      paramLabel = "NAME",
      description = "Default: the first one.")
  private @Nullable String database;

  @Option(
      names = {"-U", "--user"},
      paramLabel = "NAME",
      description = "Default: the database's owner. Another's password is taken from PGPASSWORD.")
  private @Nullable String user;

  @Override
  public Integer call() {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    Connections one =
        Connections.pick(
            Connections.of(FleetChoice.spec(record), record.home()), Optional.ofNullable(database));
    ConnectSettings settings = one.settings();
    if (user != null && !user.equals(one.user())) {
      settings = settings.withUser(user, Optional.ofNullable(System.getenv("PGPASSWORD")));
    }
    try (Connection connection = Connection.open(settings)) {
      for (Row row : connection.query("SHOW ROUTE FOR " + statement).getLast().rows()) {
        System.out.printf("%-20s %s%n", row.required("item"), row.required("value"));
      }
      return 0;
    } catch (PostgresException e) {
      throw new CommandFailure("the gateway refused: " + e.report().message(), "");
    } catch (IOException e) {
      throw new CommandFailure(
          CommandFailure.NOT_RUNNING,
          "can't reach the gateway at " + one.gateway() + ": " + e.getMessage(),
          "'pgfleet up' starts it");
    }
  }
}
