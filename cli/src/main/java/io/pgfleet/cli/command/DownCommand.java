package io.pgfleet.cli.command;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.HostsFleet;
import io.pgfleet.cli.up.StoppedFleet;
import io.pgfleet.cli.up.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet down}. */
@Command(
    name = "down",
    description = {
      "Stops the servers of a fleet cleanly, and the program that runs them.",
      "",
      "The data stays; 'pgfleet up' goes on with it. Servers that were left running by a program"
          + " that was killed are stopped, too."
    })
public final class DownCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(names = "--destroy", description = "Also delete all data of the fleet. Asks first.")
  private boolean destroy;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Override
  public Integer call() {
    FleetRegistry registry = new FleetRegistry(Folders.ofUser());
    FleetRecord record = choice.started(registry);
    HostsFleet.refuseWhereAgentsRun(record);
    if (destroy) {
      confirm(record);
    }
    boolean ran = ControlClient.isRunning(record.home());
    if (ran) {
      ControlClient.ask(record.home(), Request.of("down"), System.out::println);
    }
    StoppedFleet stopped = StoppedFleet.of(record);
    boolean left = stopped.stopLeftovers(System.out::println);
    System.out.println(
        ran || left
            ? "fleet " + record.name() + " is down"
            : "fleet " + record.name() + " was not running");
    if (destroy) {
      stopped.destroy();
      registry.forget(record);
      System.out.println("its data is deleted");
    }
    return 0;
  }

  private void confirm(FleetRecord record) {
    if (yes) {
      return;
    }
    if (!Terminal.isInteractive()) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "deleting the data of fleet " + record.name() + " must be confirmed",
          "add --yes where nobody can be asked");
    }
    boolean confirmed =
        Terminal.ask(
                "All data of fleet %s in %s will be deleted. Type its name to go on: "
                    .formatted(record.name(), record.folder()))
            .filter(typed -> typed.strip().equals(record.name()))
            .isPresent();
    if (!confirmed) {
      throw new CommandFailure("nothing was deleted", "");
    }
  }
}
