package io.pgfleet.cli.command.backup;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.FleetServers;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code pgfleet backup mark}. */
@Command(
    name = "mark",
    description = {
      "Gives this moment a name, to be able to restore to it.",
      "",
      "Before a migration: pgfleet backup mark before_v12; then, should it be needed:"
          + " pgfleet backup restore --to mark:before_v12."
    })
final class MarkCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Parameters(paramLabel = "NAME", description = "Letters, digits, _, - and dots, at most 63.")
  private @Nullable String name;

  @Override
  public Integer call() {
    String mark = String.valueOf(name);
    if (!mark.matches("[A-Za-z0-9_.-]{1,63}")) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "'" + mark + "' can't be a mark's name",
          "use letters, digits, _, - and dots, at most 63");
    }
    FleetServers servers = new FleetServers(choice.any(new FleetRegistry(Folders.ofUser())));
    try (Connection connection = Connection.open(servers.replication(servers.primary()))) {
      String position = connection.query("select pg_create_restore_point($1)", mark).single();
      System.out.println("marked " + position + " as " + mark);
      return 0;
    } catch (IOException | PostgresException e) {
      throw new CommandFailure(
          "the moment can't be marked: " + e.getMessage(), "'pgfleet status' tells what runs");
    }
  }
}
