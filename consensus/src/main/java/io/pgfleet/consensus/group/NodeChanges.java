package io.pgfleet.consensus.group;

import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * How the nodes of a running group differ from those of the fleet.yaml that a process of it was
 * started with. Whoever has a newer file finds in it what is said here, and nothing is said twice.
 *
 * <h2>Why no two primaries come of lists that differ</h2>
 *
 * <p>Processes read this at different moments, so for a while one goes by the nodes of before and
 * another by those of after. The list decides nothing that must be agreed on: a term needs the
 * answers of the voters that stand in {@link GroupState}, and is taken by a compare-and-set on that
 * state and on every vote counted, so of two agents that see different winners one at most takes
 * it, and either has every acknowledged commit. Voters only change by steps of the primary's agent
 * that keep every acknowledging set in touch with every electing set, whatever the list says.
 *
 * <h2>Why a node that leaves is never elected</h2>
 *
 * <p>The commit that marks it ({@link OperationsStore#change}) writes the state again, the same,
 * and fails if the state has changed since it was seen not to lead. Taking a term needs the version
 * of the state that was decided on, and {@link GroupStore#view} reads the state before it reads
 * this: an agent that has seen the state of the mark, or a later one, sees the mark as well. From
 * then on it has the limits of a node that is never promoted: it casts no vote, commits come not to
 * wait for it, and voters come to be others. Only when it is no voter any more, checked in the same
 * way by the second commit, is it taken out.
 *
 * <h2>Why a primary that can't reach the agreed state is backed by all who could be elected</h2>
 *
 * <p>Such a primary goes on while the other agents it knows of promise to elect nobody. So nobody
 * it does not know of may vote. A node that is added is {@code joining} and has the same limits,
 * until the agent of the primary, which from then on asks it too, takes that away in a commit of
 * its own that checks the state. A primary of a later reign has read the list before it took its
 * term, for the reason above.
 *
 * @param added nodes that are new
 * @param joining those of them that the primary's agent does not know of yet
 * @param leaving nodes that are to be taken out once nothing depends on them
 * @param removed nodes that are no longer of the group; their agents stop their servers
 */
public record NodeChanges(
    List<Added> added, Set<NodeName> joining, Set<NodeName> leaving, Set<NodeName> removed) {
  /** The nodes are those of the file. */
  public static final NodeChanges NONE = new NodeChanges(List.of(), Set.of(), Set.of(), Set.of());

  /**
   * What others must know of a new node.
   *
   * @param delayMillis how long after the primary it applies changes; 0 for at once
   * @param upstream the node it receives WAL from while that is a standby, if not the primary
   */
  public record Added(
      NodeName name,
      String host,
      int port,
      String region,
      String agentHost,
      int agentPort,
      boolean neverPromote,
      boolean neverRead,
      long delayMillis,
      Optional<NodeName> upstream) {
    NodeSpec spec() {
      return new NodeSpec(
          name,
          new HostPort(host, port),
          region,
          Optional.empty(),
          Optional.empty(),
          new HostPort(agentHost, agentPort),
          neverPromote,
          neverRead,
          Duration.ofMillis(delayMillis),
          upstream);
    }
  }

  public NodeChanges {
    added = List.copyOf(added);
    joining = Set.copyOf(joining);
    leaving = Set.copyOf(leaving);
    removed = Set.copyOf(removed);
  }

  /** The nodes of a group, where the file has these; one that leaves has its limits. */
  public List<NodeSpec> appliedTo(List<NodeSpec> file) {
    List<NodeSpec> nodes = new ArrayList<>();
    for (NodeSpec node : file) {
      if (!removed.contains(node.name())) {
        nodes.add(limited(node));
      }
    }
    for (Added one : added) {
      if (nodes.stream().noneMatch(node -> node.name().equals(one.name()))) {
        nodes.add(limited(one.spec()));
      }
    }
    return nodes;
  }

  /**
   * The same of a group as a whole. Where what is left can't hold the group's durability, which is
   * refused to operators and comes only of files that contradict each other, the group stays as the
   * file has it.
   */
  public GroupSpec appliedTo(GroupSpec file) {
    List<NodeSpec> nodes = appliedTo(file.nodes());
    int others = nodes.size() - 1;
    return nodes.isEmpty() || file.synchronous() > others
        ? file
        : new GroupSpec(
            file.name(), file.durability(), file.synchronous(), file.maxLagOnFailover(), nodes);
  }

  private NodeSpec limited(NodeSpec node) {
    boolean leaves = leaving.contains(node.name());
    return leaves || joining.contains(node.name()) ? node.limited(leaves) : node;
  }

  /** With a node that is new, or back. */
  public NodeChanges withAdded(NodeSpec node) {
    Added one =
        new Added(
            node.name(),
            node.address().host(),
            node.address().port(),
            node.region(),
            node.agent().host(),
            node.agent().port(),
            node.neverPromote(),
            node.neverRead(),
            node.delay().toMillis(),
            node.upstream());
    return new NodeChanges(
        Stream.concat(others(node.name()), Stream.of(one)).toList(),
        with(joining, node.name()),
        without(leaving, node.name()),
        without(removed, node.name()));
  }

  /** With all nodes known to the agent of the primary. */
  public NodeChanges withConfirmed() {
    return new NodeChanges(added, Set.of(), leaving, removed);
  }

  /** With a node that is to leave. */
  public NodeChanges withLeaving(NodeName node) {
    return new NodeChanges(added, joining, with(leaving, node), removed);
  }

  /** With a node that is not to leave after all. */
  public NodeChanges withStaying(NodeName node) {
    return new NodeChanges(added, joining, without(leaving, node), removed);
  }

  /** Without a node. */
  public NodeChanges withRemoved(NodeName node) {
    return new NodeChanges(
        others(node).toList(), without(joining, node), without(leaving, node), with(removed, node));
  }

  private Stream<Added> others(NodeName node) {
    return added.stream().filter(one -> !one.name().equals(node));
  }

  private static Set<NodeName> with(Set<NodeName> names, NodeName node) {
    Set<NodeName> more = new TreeSet<>(names);
    more.add(node);
    return more;
  }

  private static Set<NodeName> without(Set<NodeName> names, NodeName node) {
    Set<NodeName> rest = new TreeSet<>(names);
    rest.remove(node);
    return rest;
  }
}
