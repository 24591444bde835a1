package io.pgfleet.cli.command;

import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.HostsFleet;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
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

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description =
          "Move it at this time: 2026-11-21T18:30 (local), 2026-11-21T18:30+01:00, 18:30 (today)"
              + " or +5m (s, m, h, d). By the clock of the primary's host.")
  private @Nullable String at;

  @Option(names = "--cancel", description = "Take a move back that is to come at some time.")
  private boolean cancel;

  @Override
  public Integer call() {
    if (cancel && (at != null || to != null || force)) {
      throw new CommandFailure(
          CommandFailure.USAGE, "--cancel goes with no other option", "leave the others out");
    }
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    List<String> options = new ArrayList<>();
    if (at != null) {
      options.add(MoveTime.parse(at, Instant.now(), ZoneId.systemDefault()).toString());
    }
    if (force) {
      options.add("force");
    }
    String command = cancel ? "unschedule" : at != null ? "schedule" : "switchover";
    Request request = new Request(command, Optional.ofNullable(to), options);
    System.out.println(HostsFleet.ask(record, request, System.out::println));
    return 0;
  }
}
