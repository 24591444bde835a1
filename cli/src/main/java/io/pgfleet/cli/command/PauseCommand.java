package io.pgfleet.cli.command;

import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.HostsFleet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgfleet pause}. */
@Command(
    name = "pause",
    description = {
      "Begins maintenance: no server is started, stopped or promoted until 'pgfleet resume'.",
      "",
      "The primary goes on serving, also if the consensus servers are away. A server that dies or"
          + " is stopped by hand stays down."
    })
public final class PauseCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Override
  public Integer call() {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    System.out.println(HostsFleet.ask(record, Request.of("pause"), System.out::println));
    return 0;
  }
}
