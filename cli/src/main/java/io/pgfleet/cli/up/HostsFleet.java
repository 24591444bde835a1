package io.pgfleet.cli.up;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.ControlPoint;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.AgreementRefusedException;
import io.pgfleet.consensus.group.ArchiveRecords;
import io.pgfleet.consensus.group.GatewayRecords;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.spec.ConsensusSpec;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.NodeName;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A fleet of several hosts as a command sees it, from any host that has its file, secrets and
 * certificate: through the agreed state alone, whether anything else of it runs here or not.
 */
public final class HostsFleet implements AutoCloseable {
  private final Fleet fleet;
  private final Agreement agreement;
  private final GroupStore store;

  private HostsFleet(Fleet fleet, Agreement agreement) {
    this.fleet = fleet;
    this.agreement = agreement;
    this.store = new GroupStore(agreement, group(fleet));
  }

  private static GroupName group(Fleet fleet) {
    return fleet.spec().groups().getFirst().name();
  }

  /** Whether the fleet is one of several hosts, and no program runs all of it here. */
  public static boolean is(FleetRecord record) {
    return !ControlClient.isRunning(record.home())
        && !(FleetChoice.spec(record).consensus().servers() instanceof ConsensusSpec.Alone);
  }

  /**
   * An agent would start again what is stopped without it.
   *
   * @throws CommandFailure if one of this fleet runs on this host
   */
  public static void refuseWhereAgentsRun(FleetRecord record) {
    for (NodeName node : record.home().agents()) {
      ControlPoint point = ControlPoint.ofAgent(record.home(), node);
      if (ControlClient.isRunning(point)) {
        throw new CommandFailure(
            point.what() + " runs on this host",
            "'pgfleet agent --node " + node + " --stop-server' ends it and its server");
      }
    }
  }

  /**
   * Opens a session with the agreed state.
   *
   * @throws CommandFailure if it can't be reached
   */
  public static HostsFleet open(FleetRecord record) {
    Fleet fleet = new Fleet(record, FleetChoice.spec(record));
    try {
      return new HostsFleet(fleet, AgreedState.patientSessions(fleet).get());
    } catch (AgreementException e) {
      throw unreachable(fleet, e);
    }
  }

  private static CommandFailure unreachable(Fleet fleet, AgreementException cause) {
    boolean refused = cause instanceof AgreementRefusedException;
    boolean external = fleet.spec().consensus().servers() instanceof ConsensusSpec.External;
    return new CommandFailure(
        CommandFailure.NOT_RUNNING,
        "the agreed state of fleet "
            + fleet.record().name()
            + " can't be reached: "
            + cause.getMessage()
            + (refused ? "" : " " + AgreedState.unreachable(fleet)),
        refused
            ? ""
            : external
                ? "a majority of the servers of consensus.servers must be up, and reached from here"
                : "a majority of its members must be up: 'pgfleet agent --node NAME' on their hosts");
  }

  /** What the whole fleet is doing. */
  public StatusReport status() {
    try {
      return new StatusWriter(fleet, _ -> Optional.empty())
          .report(Optional.of(store.view()), Optional.empty(), "")
          .withGateways(new GatewayRecords(agreement, group(fleet)).gateways().size())
          .withArchives(
              new StatusWriter(fleet, _ -> Optional.empty())
                  .archives(Optional.of(new ArchiveRecords(agreement, group(fleet)))));
    } catch (AgreementException e) {
      throw unreachable(fleet, e);
    }
  }

  /**
   * Asks a running fleet for something, wherever it runs, and tells the answer.
   *
   * @param progress told while it lasts
   * @throws CommandFailure if it is not running, or refuses
   */
  public static String ask(FleetRecord record, Request request, Consumer<String> progress) {
    if (!is(record)) {
      return ControlClient.ask(record.home(), request, progress).text().orElse("done");
    }
    try (HostsFleet fleet = open(record)) {
      return fleet.handle(request, progress);
    }
  }

  private String handle(Request request, Consumer<String> progress) {
    if (NodeRequests.include(request)) {
      return new NodeRequests(fleet, store, NodeRequests.Hands.NONE).handle(request, progress);
    }
    GroupRequests group = new GroupRequests(() -> Optional.of(store), GroupNodes.of(fleet));
    return ServerRequests.include(request)
        ? new ServerRequests(fleet, store, group::known, ServerRequests.Followers.NONE)
            .handle(request, progress)
        : group.handle(request, progress).text().orElse("done");
  }

  @Override
  public void close() {
    agreement.close();
  }
}
