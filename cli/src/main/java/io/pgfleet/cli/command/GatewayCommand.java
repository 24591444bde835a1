package io.pgfleet.cli.command;

import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.GatewayProgram;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet gateway}. */
@Command(
    name = "gateway",
    description = {
      "Runs the gateway of a running fleet in a process of its own.",
      "",
      "Set gateway.run to false in fleet.yaml first, so that 'pgfleet up' leaves the address to it."
          + " On TERM it takes no more clients, serves those it has until they leave or"
          + " gateway.drain_timeout has passed, and ends."
    })
public final class GatewayCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(
      names = "--replace",
      description =
          "Take the place of the gateway that runs: listen beside it, then have it leave. If this"
              + " one can't start, that one goes on.")
  private boolean replace;

  @Override
  public Integer call() {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    System.setProperty("pgfleet.log", record.home().gatewayLog().toString());
    Fleet fleet = new Fleet(record, FleetChoice.spec(record));
    GatewayProgram program = GatewayProgram.start(fleet, replace, System.out::println);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(program::leave));
    program.awaitLeft();
    return 0;
  }
}
