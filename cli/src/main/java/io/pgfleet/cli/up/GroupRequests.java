package io.pgfleet.cli.up;

import io.pgfleet.cli.control.Reply;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.ScheduledMove;
import io.pgfleet.spec.NodeName;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What operators ask of a group that its agents carry out by themselves: the agreed state is all
 * that is needed, so any host can ask.
 */
final class GroupRequests {
  private final Supplier<Optional<GroupStore>> stores;
  private final GroupNodes nodes;

  /**
   * Requests.
   *
   * @param stores the group's records, once they can be reached
   * @param nodes of the group, as its file has them
   */
  GroupRequests(Supplier<Optional<GroupStore>> stores, GroupNodes nodes) {
    this.stores = stores;
    this.nodes = nodes;
  }

  Reply handle(Request request, Consumer<String> progress) {
    try {
      return switch (request.command()) {
        case "pause" -> Reply.text(new MaintenanceMode(store()).begin());
        case "resume" ->
            Reply.text(new MaintenanceMode(store()).end(request.option("primary-is-stopped")));
        case "switchover" ->
            Reply.text(
                new Switchover(stores, nodes)
                    .run(request.argument(), request.option("force"), progress));
        case "schedule" -> Reply.text(schedule(request));
        case "unschedule" -> Reply.text(unschedule());
        default -> Reply.error("no such request: " + request.command(), "");
      };
    } catch (AgreementException e) {
      throw new CommandFailure(
          "the agreed state can't be reached: " + e.getMessage(),
          "'pgfleet status' tells how far it came; try again in a moment");
    }
  }

  /** The node is the argument, the time the first option. */
  private String schedule(Request request) {
    Instant at = Instant.parse(request.options().getFirst());
    Optional<NodeName> to = request.argument().map(this::known);
    store().operations().schedule(new ScheduledMove(to, at, request.option("force")));
    return "the primary moves to "
        + to.map(NodeName::value).orElse("the best standby")
        + " at "
        + at.atZone(ZoneId.systemDefault()).toOffsetDateTime()
        + "; 'pgfleet switchover --cancel' takes it back";
  }

  private String unschedule() {
    Optional<Versioned<ScheduledMove>> standing = store().view().operations().scheduled();
    standing.ifPresent(store().operations()::unschedule);
    return standing.isPresent() ? "the scheduled move is taken back" : "no move is scheduled";
  }

  NodeName known(String name) {
    return nodes.now(store()).named(name).name();
  }

  GroupStore store() {
    return stores
        .get()
        .orElseThrow(() ->
            new CommandFailure(
                "the agreed state is not reached yet", "wait until 'pgfleet status' shows nodes"));
  }
}
