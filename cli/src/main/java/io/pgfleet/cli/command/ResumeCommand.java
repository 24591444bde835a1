package io.pgfleet.cli.command;

import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.HostsFleet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet resume}. */
@Command(
    name = "resume",
    description = {
      "Ends maintenance: agents start, stop and promote servers again.",
      "",
      "The agent of the last primary ends the pause, so it must be there."
    })
public final class ResumeCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(
      names = "--primary-is-stopped",
      description =
          "End the pause without the agent of the last primary. Only if you have made sure that its"
              + " server does not run: were it running, there would be two primaries.")
  private boolean primaryIsStopped;

  @Override
  public Integer call() {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    List<String> options = primaryIsStopped ? List.of("primary-is-stopped") : List.of();
    Request request = new Request("resume", Optional.empty(), options);
    System.out.println(HostsFleet.ask(record, request, System.out::println));
    return 0;
  }
}
