package io.pgfleet.agent.checks;

import io.pgfleet.agent.server.ServerFacts;
import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.ScheduledMove;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands in the body of an answer: JSON with Patroni's names. */
final class Documents {
  @SuppressWarnings("rawtypes") // a codec is made from a class, and a class has no type arguments
  private static final JsonCodec<Map> JSON = JsonCodec.of(Map.class);

  private final GroupSpec group;

  Documents(GroupSpec group) {
    this.group = group;
  }

  /** One node, as {@code /patroni} and every health check show it. */
  byte[] node(NodeReport node) {
    Map<String, Object> document = new LinkedHashMap<>();
    Optional<GroupView> view = node.standing().view();
    document.put("state", node.server().isPresent() ? "running" : "stopped");
    document.put("role", node.primary() ? "primary" : "replica");
    node.server().ifPresent(facts -> describe(document, facts));
    view.flatMap(GroupView::state)
        .map(Versioned::value)
        .map(GroupState::systemIdentifier)
        .ifPresent(
            system -> document.put("database_system_identifier", Long.toUnsignedString(system)));
    if (view.isEmpty() || view.get().lease().isEmpty()) {
      document.put("cluster_unlocked", true);
    }
    if (view.isPresent() && view.get().operations().pause().isPresent()) {
      document.put("pause", true);
    }
    document.put("consensus_in_touch", node.standing().inTouch());
    document.put("patroni", Map.of("scope", group.name().value(), "name", node.node().value()));
    return JSON.encode(document);
  }

  private static void describe(Map<String, Object> document, ServerFacts facts) {
    document.put("postmaster_start_time", facts.startedAt());
    document.put("server_version", facts.versionNumber());
    document.put("timeline", facts.timeline());
    Map<String, Object> wal = new LinkedHashMap<>();
    put(wal, "location", facts.written());
    put(wal, "received_location", facts.received());
    put(wal, "replayed_location", facts.replayed());
    if (facts.inRecovery()) {
      wal.put("paused", facts.replayPaused());
    }
    document.put("xlog", wal);
    facts.receiver().ifPresent(state -> document.put("replication_state", state));
  }

  private static void put(Map<String, Object> wal, String name, Optional<Lsn> position) {
    position.ifPresent(lsn -> wal.put(name, lsn.value()));
  }

  /** The group, as {@code /cluster} shows it. */
  byte[] cluster(Optional<GroupView> view) {
    Optional<Member> primary = view.flatMap(GroupView::servingPrimary);
    List<Map<String, Object>> members = new ArrayList<>();
    for (NodeSpec node : group.nodes()) {
      members.add(member(node, view, primary));
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("members", members);
    document.put("scope", group.name().value());
    if (view.isPresent() && view.get().operations().pause().isPresent()) {
      document.put("pause", true);
    }
    view.flatMap(agreed -> agreed.operations().scheduled())
        .map(Versioned::value)
        .ifPresent(move -> document.put("scheduled_switchover", scheduled(move, primary)));
    return JSON.encode(document);
  }

  private static Map<String, Object> scheduled(ScheduledMove move, Optional<Member> primary) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("at", move.at().toString());
    primary.ifPresent(from -> shown.put("from", from.node().value()));
    move.to().ifPresent(to -> shown.put("to", to.value()));
    return shown;
  }

  private static Map<String, Object> member(
      NodeSpec node, Optional<GroupView> view, Optional<Member> primary) {
    Map<String, Object> shown = new LinkedHashMap<>();
    Optional<Member> said = view.flatMap(agreed -> agreed.member(node.name()));
    boolean leads = primary.map(Member::node).filter(node.name()::equals).isPresent();
    Optional<Member.Standby> row =
        view.flatMap(agreed -> agreed.received(node.name())).map(GroupView.Received::row);
    shown.put("name", node.name().value());
    shown.put("role", leads ? "leader" : role(node, primary));
    shown.put("state", leads ? "running" : state(row, said));
    node.checks().map(Documents::address).ifPresent(url -> shown.put("api_url", url));
    shown.put("host", node.address().host());
    shown.put("port", node.address().port());
    said.map(Member::timeline)
        .filter(timeline -> timeline > 0)
        .ifPresent(timeline -> shown.put("timeline", timeline));
    if (!leads) {
      shown.put(
          "lag",
          view.flatMap(agreed -> agreed.lag(node.name()))
              .<Object>map(lag -> lag)
              .orElse("unknown"));
    }
    return shown;
  }

  private static String address(HostPort checks) {
    return "http://" + checks + "/patroni";
  }

  private static String role(NodeSpec node, Optional<Member> primary) {
    SyncSet names = primary.map(Member::waitsFor).orElse(SyncSet.NONE);
    if (!names.contains(node.name())) {
      return "replica";
    }
    return names.acknowledging() == names.members().size() ? "sync_standby" : "quorum_standby";
  }

  private static String state(Optional<Member.Standby> row, Optional<Member> said) {
    return row.map(Member.Standby::state)
        .orElseGet(() ->
            switch (said.map(Member::role).orElse(Member.Role.STOPPED)) {
              case PRIMARY, STOPPED -> "stopped";
              case STANDBY -> "running";
              case CLONING -> "creating replica";
            });
  }
}
