package io.pgfleet.agent.sim;

import io.pgfleet.spec.NodeName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Which links are cut, each direction by itself, and which are slow. */
final class Network {
  private record Direction(NodeName from, NodeName to) {}

  private final World world;
  private final Set<Direction> cut = new HashSet<>();
  private final Map<Direction, Long> slow = new HashMap<>();
  private final Set<NodeName> withoutConsensus = new HashSet<>();

  Network(World world) {
    this.world = world;
  }

  boolean passes(NodeName from, NodeName to) {
    return !cut.contains(new Direction(from, to));
  }

  boolean connects(NodeName one, NodeName other) {
    return passes(one, other) && passes(other, one);
  }

  boolean reachesConsensus(NodeName node) {
    return !withoutConsensus.contains(node);
  }

  long delay(NodeName from, NodeName to) {
    long usual = Objects.requireNonNullElse(slow.get(new Direction(from, to)), 0L);
    return usual / 2 + (usual == 0 ? 0 : world.random().nextLong(usual)) + world.millis(0, 2);
  }

  void cut(NodeName from, NodeName to) {
    cut.add(new Direction(from, to));
  }

  void slow(NodeName from, NodeName to, long nanos) {
    slow.put(new Direction(from, to), nanos);
  }

  void cutFromConsensus(NodeName node) {
    withoutConsensus.add(node);
  }

  void join(NodeName node) {
    cut.removeIf(direction -> direction.from().equals(node) || direction.to().equals(node));
    slow.keySet().removeIf(way -> way.from().equals(node) || way.to().equals(node));
    withoutConsensus.remove(node);
  }

  void heal() {
    cut.clear();
    slow.clear();
    withoutConsensus.clear();
  }
}
