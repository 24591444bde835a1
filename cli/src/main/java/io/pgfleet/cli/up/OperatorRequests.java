package io.pgfleet.cli.up;

import io.pgfleet.cli.control.Reply;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.GroupStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Carries out what operators ask of a running fleet, through the agreed state. */
final class OperatorRequests {
  private final FleetProgram program;
  private final FleetRecord record;
  private final GroupRequests group;
  private final GroupNodes nodes;

  /** Held by what restarts servers: two at once would take away more than one. */
  private final ReentrantLock restarting = new ReentrantLock();

  OperatorRequests(FleetProgram program, FleetRecord record, GroupNodes nodes) {
    this.program = program;
    this.record = record;
    this.nodes = nodes;
    this.group = new GroupRequests(program.observer()::store, nodes);
  }

  Reply handle(Request request, Consumer<String> progress) {
    try {
      return switch (request.command()) {
        case "restart" -> Reply.text(alone(() -> restart(request, progress)));
        case "apply" ->
            Reply.text(
                request.option("dry-run")
                    ? apply(request, progress)
                    : alone(() -> apply(request, progress)));
        default -> group.handle(request, progress);
      };
    } catch (AgreementException e) {
      throw new CommandFailure(
          "the agreed state can't be reached: " + e.getMessage(),
          "'pgfleet status' tells how far it came; try again in a moment");
    }
  }

  private String alone(Supplier<String> work) {
    if (!restarting.tryLock()) {
      throw new CommandFailure(
          "another command restarts servers now", "wait until it has ended, and try again");
    }
    try {
      return work.get();
    } finally {
      restarting.unlock();
    }
  }

  private String restart(Request request, Consumer<String> progress) {
    RollingRestart restart = new RollingRestart(program, store(), progress);
    boolean force = request.option("force");
    return request
        .argument()
        .map(node -> restart.one(nodes.named(node).name(), force))
        .orElseGet(() -> restart.all(force));
  }

  private String apply(Request request, Consumer<String> progress) {
    Map<String, String> wanted = FleetChoice.spec(record).postgres().settings();
    SettingsApply apply = new SettingsApply(program, store(), progress);
    List<PlannedSetting> plan = apply.plan(wanted);
    List<String> lines = new ArrayList<>();
    if (!plan.isEmpty()) {
      lines.add("PostgreSQL settings:");
      plan.forEach(setting -> lines.add(setting.line()));
    }
    if (request.option("dry-run")) {
      lines.addAll(program.settings().preview(program.gateway()));
      return lines.isEmpty() ? "nothing has changed" : String.join("\n", lines);
    }
    lines.addAll(program.settings().follow(program.gateway()));
    if (lines.isEmpty()) {
      return "nothing has changed";
    }
    lines.forEach(progress);
    if (plan.isEmpty()) {
      return "applied";
    }
    String done = apply.run(plan, wanted, request.option("force"));
    program.settings().followedByServers();
    return done;
  }

  private GroupStore store() {
    return group.store();
  }
}
