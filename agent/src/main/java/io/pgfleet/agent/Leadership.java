package io.pgfleet.agent;

import io.pgfleet.agent.NodeServer.Replica;
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

  private final Map<NodeName, Long> lastStreaming = new HashMap<>();
  private boolean slotsKept;
  private NamesInEffect inEffect = NamesInEffect.UNKNOWN;

  Leadership(AgentSettings settings, NodeServer server, GroupStore store, Ticker ticker) {
    this.settings = settings;
    this.server = server;
    this.store = store;
    this.ticker = ticker;
  }

  /** The set to wait for from the first commit of a reign on, before any standby has connected. */
  SyncSet firstNames(GroupView view) {
    Set<NodeName> alive = new TreeSet<>(settings.others());
    alive.removeIf(node -> !isAlive(view, node));
    long now = ticker.nanos();
    alive.forEach(node -> lastStreaming.put(node, now));
    return SyncSet.of(alive, settings.group().synchronous());
  }

  /** What a round saw: the standbys, and what commits waited for at its end. */
  record Seen(List<Replica> replicas, SyncSet names) {}

  /** One round. */
  Seen round(GroupView view, Versioned<GroupState> state, HeldLease lease)
      throws NodeServerException {
    if (!slotsKept) {
      server.keepSlots(settings.others());
      slotsKept = true;
    }
    List<Replica> replicas =
        server.replicas().stream()
            .filter(replica -> settings.others().contains(replica.node()))
            .toList();
    SyncSet names = server.names();
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
          store.setVoters(state, lease, next);
        }
      }
    }
    return new Seen(replicas, names);
  }

  private SyncSet wanted(
      GroupView view, GroupState state, SyncSet names, List<Replica> replicas, long now) {
    Set<NodeName> streaming =
        replicas.stream()
            .filter(Replica::streaming)
            .map(Replica::node)
            .collect(Collectors.toCollection(TreeSet::new));
    streaming.forEach(node -> lastStreaming.put(node, now));
    Set<NodeName> wanted = new TreeSet<>(streaming);
    for (NodeName node : settings.others()) {
      boolean counted = names.contains(node) || state.voters().contains(node);
      Long last = lastStreaming.computeIfAbsent(node, _ -> now);
      if (counted && now - last < settings.absence().toNanos() && isAlive(view, node)) {
        wanted.add(node);
      }
    }
    return SyncSet.of(wanted, settings.group().synchronous());
  }

  /** Whether a node's agent is there and its server is not known to be down or being made. */
  private static boolean isAlive(GroupView view, NodeName node) {
    return Optional.ofNullable(view.members().get(node))
        .filter(member -> member.role() == Member.Role.STANDBY)
        .isPresent();
  }

  /** Whether as many members as acknowledge have all that the primary had under these names. */
  private boolean flushed(SyncSet voters, List<Replica> replicas, long now)
      throws NodeServerException {
    if (inEffect.from() == null) {
      if (!inEffect.settled(now, settings.settling())) {
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
