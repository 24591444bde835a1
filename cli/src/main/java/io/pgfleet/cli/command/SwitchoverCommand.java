package io.pgfleet.cli.command;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetHome;
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

/** {@code pgfleet switchover}. */
@Command(
    name = "switchover",
    description = {
      "Moves the primary to another node, as planned.",
      "",
      "The gateway holds new transactions and lets running ones end; the old primary stops after"
          + " it has sent all of its WAL; the other takes over, and the old one follows it. A"
          + " client waits, and sees no error."
    })
public final class SwitchoverCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(
      names = {"-t", "--to"},
      paramLabel = "NODE",
      description = "The node to be primary. Default: the synchronous standby with the least lag.")
  private @Nullable String to;

  @Option(
      names = "--force",
      description = "Break transactions off that do not end within 10 seconds.")
  private boolean force;

  @Override
  public Integer call() {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    if (HostsFleet.is(record)) {
      try (HostsFleet fleet = HostsFleet.open(record)) {
        System.out.println(fleet.move(Optional.ofNullable(to), force, System.out::println));
      }
      return 0;
    }
    FleetHome home = record.home();
    Request request =
        new Request("switchover", Optional.ofNullable(to), force ? List.of("force") : List.of());
    String answer =
        ControlClient.ask(home, request, System.out::println)
            .text()
            .orElse("the primary has moved");
    System.out.println(answer);
    return 0;
  }
}
