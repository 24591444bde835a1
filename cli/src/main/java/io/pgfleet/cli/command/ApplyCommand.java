package io.pgfleet.cli.command;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.ControlPoint;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.HostsFleet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgfleet apply}. */
@Command(
    name = "apply",
    description = {
      "Brings a running fleet to what its fleet.yaml says now.",
      "",
      "Shows each difference and how it is applied, then applies it: the gateway's settings and"
          + " most of PostgreSQL's at once; PostgreSQL settings that need a restart by restarting"
          + " one server after another, while clients wait. A file or a value that is wrong changes"
          + " nothing."
    })
public final class ApplyCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "The fleet.yaml that the fleet was started from.")
  private @Nullable Path file;

  @Option(names = "--dry-run", description = "Show the differences and change nothing.")
  private boolean dryRun;

  @Option(
      names = "--force",
      description = "Break transactions off that hold up the restart of the primary.")
  private boolean force;

  @Override
  public Integer call() {
    FleetRegistry registry = new FleetRegistry(Folders.ofUser());
    FleetRecord record =
        file == null ? choice.started(registry) : FleetChoice.startedFrom(file, registry);
    // A wrong file is told here, with where it is wrong, before anybody is asked.
    FleetChoice.spec(record);
    ControlPoint up = ControlPoint.ofUp(record.home());
    if (!HostsFleet.is(record) && !ControlClient.isRunning(up)) {
      throw new CommandFailure(
          CommandFailure.NOT_RUNNING,
          "fleet " + record.name() + " is not running",
          "'pgfleet up' starts it, with the settings of its file");
    }
    List<String> options = new ArrayList<>();
    if (dryRun) {
      options.add("dry-run");
    }
    if (force) {
      options.add("force");
    }
    Request request = new Request("apply", Optional.empty(), options);
    System.out.println(HostsFleet.ask(record, request, System.out::println));
    if (!dryRun) {
      reloadGateways(record, up);
    }
    return 0;
  }

  /** Those of this host in processes of their own. */
  private static void reloadGateways(FleetRecord record, ControlPoint up) {
    for (ControlPoint program : ReloadCommand.programs(record.home())) {
      if (!program.equals(up) && ControlClient.isRunning(program)) {
        Request reload = new Request("reload", Optional.empty(), List.of("applied"));
        System.out.println(
            program.what()
                + ": "
                + ControlClient.ask(program, reload, System.out::println).text().orElse(""));
      }
    }
  }
}
