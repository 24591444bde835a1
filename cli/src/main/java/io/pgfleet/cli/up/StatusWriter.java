package io.pgfleet.cli.up;

import io.pgfleet.agent.Delay;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.ArchiveMember;
import io.pgfleet.consensus.group.ArchiveRecords;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Received;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.NodeChanges;
import io.pgfleet.consensus.group.ScheduledMove;
import io.pgfleet.gateway.GatewayStatus;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Puts into words for people and scripts what the agents and the gateway say. */
final class StatusWriter {
  private static final String STREAMING = "streaming";

  private final Fleet fleet;
  private final Function<NodeName, Optional<String>> troubles;

  /** A writer; {@code troubles} tells what keeps an agent of this process from its work. */
  StatusWriter(Fleet fleet, Function<NodeName, Optional<String>> troubles) {
    this.fleet = fleet;
    this.troubles = troubles;
  }

  StatusReport report(Optional<GroupView> view, Optional<GatewayStatus> gateway, String step) {
    GroupSpec group = fleet.spec().groups().getFirst();
    Optional<Member> primary = view.flatMap(GroupView::servingPrimary);
    List<StatusReport.Node> nodes = new ArrayList<>();
    NodeChanges changes = view.map(agreed -> agreed.operations().nodes()).orElse(NodeChanges.NONE);
    List<NodeSpec> specs = changes.appliedTo(group.nodes());
    for (NodeSpec node : specs) {
      nodes.add(node(node, view, primary));
    }
    Optional<GroupState> state = view.flatMap(GroupView::state).map(Versioned::value);
    boolean kept = view.filter(agreed -> keepsCommits(group, specs, agreed)).isPresent();
    return new StatusReport(
        fleet.record().name(),
        fleet.record().file().map(Object::toString).orElse(""),
        ProcessHandle.current().pid(),
        kept && isReady(nodes, primary, step),
        step,
        gateway(gateway),
        List.of(
            new StatusReport.Group(
                group.name().value(),
                state.map(agreed -> agreed.term().number()).orElse(0L),
                primary.map(member -> member.node().value()),
                primary.map(member -> member.waitsFor().toString()).orElse("none"),
                view.flatMap(agreed -> agreed.operations().pause())
                    .map(pause -> pause.value().since().toString()),
                view.flatMap(agreed -> agreed.operations().scheduled())
                    .map(move -> inWords(move.value())),
                nodes)),
        List.of());
  }

  /** The repositories of fleet.yaml, and how far each is; nothing if the agreed state is away. */
  List<StatusReport.Archive> archives(Optional<ArchiveRecords> records) {
    Map<String, ArchiveMember> said = new HashMap<>();
    try {
      records.ifPresent(
          reached -> reached.archives().forEach(one -> said.put(one.repository(), one)));
    } catch (AgreementException e) {
      return List.of();
    }
    return fleet.spec().backup().repositories().stream()
        .map(repository ->
            archive(repository.name(), Optional.ofNullable(said.get(repository.name()))))
        .toList();
  }

  private static StatusReport.Archive archive(String name, Optional<ArchiveMember> said) {
    return new StatusReport.Archive(
        name,
        said.map(one -> one.node().value()),
        said.filter(one -> one.timeline() > 0).map(one -> one.end().toString()),
        said.flatMap(ArchiveMember::confirmed).map(Instant::toString),
        said.flatMap(ArchiveMember::newest).map(Instant::toString),
        said.isPresent() ? said.flatMap(ArchiveMember::trouble) : Optional.of("nobody archives"),
        said.flatMap(ArchiveMember::drilled).map(Instant::toString),
        said.flatMap(ArchiveMember::failure));
  }

  private static String inWords(ScheduledMove move) {
    return "moves "
        + move.to().map(node -> "to " + node).orElse("to the best standby")
        + " at "
        + move.at().atZone(ZoneId.systemDefault()).format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
  }

  /**
   * Whether commits wait for as many standbys as the group wants, or as it has, and one of those
   * may be elected. A standby that has just begun to stream is not counted for a moment yet.
   *
   * @param nodes with what was asked since: one that joins or leaves is never promoted
   */
  private static boolean keepsCommits(GroupSpec group, List<NodeSpec> nodes, GroupView view) {
    if (!group.durability().waits()) {
      return true;
    }
    long fit =
        nodes.stream()
            .filter(node -> !node.neverPromote())
            .map(NodeSpec::name)
            .filter(node -> view.member(node).filter(Member::cannotLead).isEmpty())
            .filter(node -> view.servingPrimary().filter(led -> led.node().equals(node)).isEmpty())
            .count();
    long wanted = Math.min(group.synchronous(), fit);
    int waited = view.servingPrimary().map(primary -> primary.waitsFor().acknowledging()).orElse(0);
    int elected = view.state().map(state -> state.value().voters().acknowledging()).orElse(0);
    return Math.min(waited, elected) >= wanted;
  }

  private static boolean isReady(
      List<StatusReport.Node> nodes, Optional<Member> primary, String step) {
    return step.isEmpty()
        && primary.isPresent()
        && nodes.stream()
            .allMatch(node ->
                node.role().equals("primary")
                    || (node.role().equals("standby")
                        && (node.state().equals(STREAMING) || Delay.isKept(node.note()))));
  }

  private StatusReport.Gateway gateway(Optional<GatewayStatus> gateway) {
    String address = fleet.spec().gateway().address().toString();
    return gateway
        .map(status ->
            new StatusReport.Gateway(
                address,
                status.held(),
                status.clients(),
                status.clientsWaiting(),
                status.pools().stream()
                    .mapToInt(pool -> pool.active() + pool.idle() + pool.connecting())
                    .sum(),
                status.totals().transactions(),
                -1))
        .orElseGet(
            () -> new StatusReport.Gateway(address, fleet.spec().gateway().run(), 0, 0, 0, 0, -1));
  }

  private StatusReport.Node node(
      NodeSpec node, Optional<GroupView> view, Optional<Member> primary) {
    Optional<Member> member = view.flatMap(agreed -> agreed.member(node.name()));
    Optional<Received> received = view.flatMap(agreed -> agreed.received(node.name()));
    Optional<Member.Standby> row = received.map(Received::row);
    boolean leads = primary.map(Member::node).equals(Optional.of(node.name()));
    String from =
        received
            .filter(one -> one.from().role() == Member.Role.STANDBY)
            .map(one -> "receives from " + one.from().node())
            .orElse("");
    String role =
        member
            .map(said ->
                leads || said.role() != Member.Role.PRIMARY ? said.role() : Member.Role.STOPPED)
            .map(said -> said.toString().toLowerCase(Locale.ROOT))
            .orElse("silent");
    return new StatusReport.Node(
        node.name().value(),
        node.address().toString(),
        node.region(),
        role,
        leads ? "serving" : row.map(Member.Standby::state).orElse(""),
        row.map(Member.Standby::synchronous).orElse(""),
        member.map(Member::timeline).orElse(0),
        member.flatMap(Member::position).map(Lsn::toString),
        leads ? Optional.of(0L) : view.flatMap(agreed -> agreed.lag(node.name())),
        note(node, member, isLeaving(node, view), from),
        member.flatMap(Member::running).map(Member.Running::version),
        member.flatMap(Member::running).map(Member.Running::installed),
        member.flatMap(Member::running).map(Member.Running::pendingRestart).orElse(false));
  }

  private static boolean isLeaving(NodeSpec node, Optional<GroupView> view) {
    return view.filter(agreed -> agreed.operations().nodes().leaving().contains(node.name()))
        .isPresent();
  }

  private String note(NodeSpec node, Optional<Member> member, boolean leaving, String from) {
    if (leaving) {
      return "leaves the group";
    }
    return troubles
        .apply(node.name())
        .or(() -> member.map(said -> said.note().isEmpty() ? from : said.note()))
        .orElse("no word from its agent");
  }
}
