package io.pgfleet.agent;

import io.pgfleet.agent.NodeServer.Replica;
import io.pgfleet.agent.decide.SyncGoal;
import io.pgfleet.consensus.group.NodeChanges;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What an agent knows of its place.
 *
 * @param node its node
 * @param group the group, of which the first node makes the data when there is none
 * @param absence how long a standby may be away before the primary no longer waits for it
 * @param yield how long a last primary whose server died leaves the lease to others
 * @param settling how long after a reload every walsender is taken to have read its configuration
 * @param stuck how long a standby may receive nothing from its primary before it looks for another
 *     way to follow
 * @param grace how long a last primary may take to come back before a standby that may lack some of
 *     its WAL is promoted
 * @param promise how long an agent casts no vote after it has promised so to a primary that can't
 *     reach the consensus servers; the same for all agents of the group
 * @param mercy how long a primary must have led before it is replaced because its server hangs
 */
public record AgentSettings(
    NodeSpec node,
    GroupSpec group,
    Duration absence,
    Duration yield,
    Duration settling,
    Duration stuck,
    Duration grace,
    Duration promise,
    Duration mercy) {
  private static final Duration MERCY = Duration.ofSeconds(60);
  private static final Duration PROMISE = Duration.ofSeconds(10);

  /** The times that suit one machine and a quick network. */
  public static AgentSettings of(NodeSpec node, GroupSpec group) {
    return new AgentSettings(
        node,
        group,
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        Duration.ofMillis(500),
        Duration.ofSeconds(15),
        Duration.ofSeconds(3),
        PROMISE,
        MERCY);
  }

  /** The same with promises that run as long as a lease. */
  public AgentSettings withLease(Duration lease) {
    return new AgentSettings(node, group, absence, yield, settling, stuck, grace, lease, mercy);
  }

  /** The same in the group as it is now; of a node that is no longer of it, as it was. */
  AgentSettings with(NodeChanges changes) {
    GroupSpec now = changes.appliedTo(group);
    NodeSpec own =
        now.nodes().stream().filter(other -> other.name().equals(name())).findFirst().orElse(node);
    return new AgentSettings(own, now, absence, yield, settling, stuck, grace, promise, mercy);
  }

  /** Whether the node is of the group. */
  boolean member() {
    return group.nodes().stream().anyMatch(other -> other.name().equals(name()));
  }

  NodeName name() {
    return node.name();
  }

  /** All nodes of the group, for people. */
  String names() {
    return group.nodes().stream()
        .map(other -> other.name().value())
        .collect(Collectors.joining(", "));
  }

  boolean founder() {
    return group.nodes().getFirst().equals(node);
  }

  SyncGoal goal() {
    return SyncGoal.of(group, name());
  }

  /** The other nodes that may be promoted, by name; commits wait for these alone. */
  Set<NodeName> candidates() {
    return group.nodes().stream()
        .filter(other -> !other.neverPromote())
        .map(NodeSpec::name)
        .filter(other -> !other.equals(name()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Of the standbys connected to a server those of the group. */
  List<Replica> ofGroup(List<Replica> connected) {
    Set<NodeName> others = others();
    return connected.stream().filter(replica -> others.contains(replica.node())).toList();
  }

  /** The other nodes, by name. */
  Set<NodeName> others() {
    return group.nodes().stream()
        .map(NodeSpec::name)
        .filter(other -> !other.equals(name()))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
