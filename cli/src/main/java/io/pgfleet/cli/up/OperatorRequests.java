package io.pgfleet.cli.up;

import io.pgfleet.cli.control.Reply;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.spec.NodeName;
import java.util.List;
import java.util.function.Consumer;

/** Carries out what operators ask of a fleet that one program runs, through the agreed state. */
final class OperatorRequests {
  private final FleetProgram program;
  private final Fleet fleet;
  private final GroupRequests group;

  OperatorRequests(FleetProgram program, Fleet fleet) {
    this.program = program;
    this.fleet = fleet;
    this.group = new GroupRequests(program.observer()::store, GroupNodes.of(fleet));
  }

  Reply handle(Request request, Consumer<String> progress) {
    if (NodeRequests.include(request)) {
      String done =
          new NodeRequests(fleet, group.store(), program.hands()).handle(request, progress);
      program
          .settings()
          .followedByNode(
              new NodeName(request.argument().orElseThrow()),
              !request.command().equals("remove-node"));
      return Reply.text(done);
    }
    if (!ServerRequests.include(request)) {
      return group.handle(request, progress);
    }
    return Reply.text(
        new ServerRequests(fleet, group.store(), group::known, new OwnGateway(program))
            .handle(request, progress));
  }

  /** The gateway in the same process. */
  private record OwnGateway(FleetProgram program) implements ServerRequests.Followers {
    @Override
    public List<String> preview() {
      return program.settings().preview(program.gateway());
    }

    @Override
    public List<String> follow() {
      return program.settings().follow(program.gateway());
    }

    @Override
    public void serversFollowed() {
      program.settings().followedByServers();
    }
  }
}
