package io.pgfleet.agent;

import io.pgfleet.agent.NodeServer.Replica;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.agent.decide.NamesInEffect;
import io.pgfleet.agent.decide.SyncPlan;
import io.pgfleet.agent.decide.SyncPlan.Step;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.HeldLease;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.PlannedMove;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an agent does round after round while its server is the primary: keeps slots for the
 * standbys, and brings the synchronous set to the standbys that are there.
 *
 * <p>It remembers only what makes it slower, never what makes it safe: after a restart of the agent
 * every wait begins anew.
 */
final class Leadership {
  private static final Logger log = LoggerFactory.getLogger(Leadership.class);

  private final AgentSettings settings;
  private final NodeServer server;
  private final GroupStore store;
  private final Ticker ticker;
  private final Mandate mandate;

  private final Map<NodeName, Long> lastStreaming = new HashMap<>();
  private final PositionRecord position;
  private final SlotRounds slots;
  private final Heartbeat heartbeat;
  private NamesInEffect inEffect = NamesInEffect.UNKNOWN;

  Leadership(
      AgentSettings settings, NodeServer server, GroupStore store, Ticker ticker, Mandate mandate) {
    this.settings = settings;
    this.server = server;
    this.store = store;
    this.ticker = ticker;
    this.mandate = mandate;
    this.position = new PositionRecord(store, ticker);
    this.slots = SlotRounds.ofPrimary(server, ticker);
    this.heartbeat = new Heartbeat(settings.group(), server, ticker);
  }

  /** The set to wait for from the first commit of a reign on, before any standby has connected. */
  static SyncSet firstNames(AgentSettings settings, GroupView view, SyncSet voters) {
    Set<NodeName> alive = fit(settings, view);
    alive.removeIf(node -> !isAlive(view, node));
    return settings.goal().atFirst(alive, voters);
  }

  /** Who may be promoted, by the fleet.yaml and by their own word. */
  private static Set<NodeName> fit(AgentSettings settings, GroupView view) {
    Set<NodeName> fit = new TreeSet<>(settings.candidates());
    fit.removeIf(node -> view.member(node).filter(Member::cannotLead).isPresent());
    return fit;
  }

  /** What a round saw: the standbys, and what commits waited for at its end. */
  record Seen(List<Replica> replicas, SyncSet names) {}

  /** One round. */
  Seen round(GroupView view, Versioned<GroupState> state, HeldLease lease, LocalServer here)
      throws NodeServerException {
    if (!settings.group().durability().waits() && here instanceof LocalServer.Primary primary) {
      // First, for what follows may wait for a server that is slow.
      position.round(view, state.value().term(), primary);
    }
    slots.keep(settings, view);
    List<Replica> replicas = settings.ofGroup(server.replicas());
    SyncSet names = server.names();
    server.attendArchive();
    long now = ticker.nanos();
    inEffect = inEffect.seen(names, now);
    SyncSet wanted = wanted(view, state.value(), names, replicas, now);
    switch (SyncPlan.next(names, state.value().voters(), wanted)) {
      case Step.Done() -> {}
      case Step.SetNames(SyncSet next) -> {
        log.info("{} waits for {} (was {})", settings.name(), next, names);
        // What is read back may be the old names for a moment; they are not settled any more.
        inEffect = NamesInEffect.UNKNOWN;
        server.setNames(next);
        names = next;
      }
      case Step.SetVoters(SyncSet next, boolean afterFlush) -> {
        if (!afterFlush || flushed(next, replicas, now)) {
          log.info(
              "{} may be succeeded by {} (was {})", settings.name(), next, state.value().voters());
          mandate.votersChange();
          store.setVoters(state, lease, next);
        }
      }
    }
    heartbeat.round();
    return new Seen(replicas, names);
  }

  private SyncSet wanted(
      GroupView view, GroupState state, SyncSet names, List<Replica> replicas, long now) {
    Set<NodeName> fit = fit(settings, view);
    Set<NodeName> streaming =
        replicas.stream()
            .filter(Replica::streaming)
            .map(Replica::node)
            .filter(fit::contains)
            .collect(Collectors.toCollection(TreeSet::new));
    streaming.forEach(node -> lastStreaming.put(node, now));
    Set<NodeName> wanted = new TreeSet<>(streaming);
    for (NodeName node : fit) {
      boolean counted = names.contains(node) || state.voters().contains(node);
      Long last = lastStreaming.computeIfAbsent(node, _ -> now);
      if (counted && now - last < settings.absence().toNanos() && isAlive(view, node)) {
        wanted.add(node);
      }
    }
    Optional<NodeName> next =
        view.move()
            .map(Versioned::value)
            .filter(move -> move.term().equals(state.term()))
            .map(PlannedMove::to);
    return settings.goal().wanted(wanted, next);
  }

  /** Whether a node's agent is there and its server is not known to be down or being made. */
  private static boolean isAlive(GroupView view, NodeName node) {
    return view.member(node).filter(member -> member.role() == Member.Role.STANDBY).isPresent();
  }

  /** Whether as many members as acknowledge have all that the primary had under these names. */
  private boolean flushed(SyncSet voters, List<Replica> replicas, long now)
      throws NodeServerException {
    if (inEffect.from() == null) {
      if (!inEffect.settled(now, settings.settling().toNanos())) {
        return false;
      }
      inEffect = inEffect.from(server.flushed());
    }
    Map<NodeName, Lsn> reached = new HashMap<>();
    // A standby that connects anew may have two rows for a moment; it counts once.
    replicas.forEach(replica ->
        reached.merge(
            replica.node(), replica.flushed(), (one, other) -> one.reaches(other) ? one : other));
    return inEffect.flushedBy(voters, reached);
  }
}
