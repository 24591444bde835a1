package io.pgfleet.cli.command;

import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.HostsFleet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet restart}. */
@Command(
    name = "restart",
    description = {
      "Restarts PostgreSQL servers while clients go on.",
      "",
      "--rolling restarts one standby after another, each back and in the synchronous set before"
          + " the next, then moves the primary to one of them and restarts the former one. --node"
          + " restarts one server in its place; the gateway holds clients while it is the primary."
    })
public final class RestartCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(names = "--rolling", description = "Restart every server, one after another.")
  private boolean rolling;

  @Option(names = "--node", paramLabel = "NODE", description = "Restart this node's server alone.")
  private @Nullable String node;

  @Option(
      names = "--force",
      description = "Break transactions off that do not end in time on the primary.")
  private boolean force;

  @Override
  public Integer call() {
    if (rolling == (node != null)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          rolling ? "--rolling restarts every node" : "nothing says what to restart",
          "give either --rolling or --node NODE");
    }
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    List<String> options = force ? List.of("force") : List.of();
    Request request = new Request("restart", Optional.ofNullable(node), options);
    System.out.println(HostsFleet.ask(record, request, System.out::println));
    return 0;
  }
}
