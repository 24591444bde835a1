package io.pgfleet.agent.sim;

import io.pgfleet.agent.AgentSettings;
import io.pgfleet.consensus.MemoryConsensus;
import io.pgfleet.consensus.PresentState;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One run: a group is founded, suffers, is left in peace, and must then be whole again. */
final class Simulation {
  private static final Duration SESSION = Duration.ofSeconds(4);
  private static final long TROUBLE = Duration.ofSeconds(30).toNanos();
  private static final long PEACE = Duration.ofSeconds(150).toNanos();

  /** In records: a position of the simulation counts those. */
  private static final long MAX_LAG = 20;

  private static final NodeName RELAY = new NodeName("n2");
  private static final GroupName GROUP = new GroupName("main");

  private final World world;
  private final Network network;
  private final Checks checks;
  private final Faults faults;
  private final GroupSpec group;
  private final List<SimNode> nodes = new ArrayList<>();
  private boolean writing = true;

  /**
   * A group of so many nodes that may be promoted.
   *
   * @param cascades whether there is one more, which receives from the second
   */
  record Shape(Durability durability, int size, int synchronous, boolean cascades) {
    GroupSpec group() {
      return new GroupSpec(
          GROUP,
          durability,
          synchronous,
          durability.waits() ? 0 : MAX_LAG,
          Stream.concat(
                  IntStream.rangeClosed(1, size).mapToObj(Simulation::node),
                  cascades ? Stream.of(cascading(size + 1)) : Stream.empty())
              .toList());
    }

    /** What the agents take the group for. */
    GroupSpec as(Flaw flaw) {
      return switch (flaw) {
        case STRICT_TAKEN_FOR_QUORUM ->
            durability == Durability.STRICT
                ? new Shape(Durability.QUORUM, size, synchronous, cascades).group()
                : group();
        case LAG_UNBOUNDED ->
            durability == Durability.ASYNC
                ? new GroupSpec(GROUP, durability, 0, Long.MAX_VALUE, group().nodes())
                : group();
        default -> group();
      };
    }
  }

  Simulation(long seed, Shape shape, Flaw flaw, boolean telling) {
    this.world = new World(seed, telling);
    this.network = new Network(world);
    MemoryConsensus consensus = new MemoryConsensus(world::nanos, world.random(), SESSION);
    GroupStore store = new GroupStore(new PresentState(consensus), GROUP);
    this.group = shape.group();
    this.checks = new Checks(world, flaw, group, store);
    Replication replication = new Replication(world, network, checks);
    GroupSpec believed = shape.as(flaw);
    for (NodeSpec node : group.nodes()) {
      AgentSettings usual = AgentSettings.of(node, believed);
      AgentSettings settings =
          new AgentSettings(
              node,
              believed,
              usual.absence(),
              usual.yield(),
              flaw == Flaw.RELOAD_NOT_AWAITED ? Duration.ofNanos(-1) : usual.settling(),
              usual.stuck(),
              usual.grace(),
              SESSION,
              Duration.ofSeconds(2));
      SimNode made = new SimNode(world, settings, consensus, network, replication, checks);
      nodes.add(made);
      checks.add(made);
      made.startAgent();
    }
    this.faults = new Faults(world, network, nodes, checks, store);
    consensus.observe(() -> {
      checks.agreedStateChanged();
      nodes.forEach(SimNode::wakeSoon);
    });
  }

  private static NodeSpec node(int number) {
    return new NodeSpec(
        new NodeName("n" + number), new HostPort("127.0.0.1", 5000 + number), "", Optional.empty());
  }

  private static NodeSpec cascading(int number) {
    NodeSpec node = node(number);
    return new NodeSpec(
        node.name(),
        node.address(),
        node.region(),
        Optional.empty(),
        Optional.empty(),
        node.agent(),
        true,
        false,
        Duration.ZERO,
        Optional.of(RELAY));
  }

  /** Runs it; the number of commits that were acknowledged. */
  int run() {
    clients();
    faults.begin();
    until(world.nanos() + TROUBLE);
    faults.end();
    long calm = world.nanos();
    until(calm + PEACE / 30);
    writing = false;
    awaitWhole();
    nodes.forEach(SimNode::killAgent);
    return checks.acknowledgedCommits();
  }

  private void awaitWhole() {
    long end = world.nanos() + PEACE;
    while (!whole() && world.nanos() < end) {
      until(world.nanos() + Duration.ofSeconds(1).toNanos());
    }
    if (!whole()) {
      throw new Checks.Violation(
          "not whole again: " + checks.view() + " " + nodes.stream().map(SimNode::server).toList());
    }
  }

  /**
   * Runs a group in which nothing fails but the consensus servers, which nobody reaches for a
   * minute.
   *
   * @param down whether one standby is down all the time, too
   * @return the terms begun after they went away, and the commits acknowledged in the last ten
   *     seconds of that minute
   */
  Outage outage(boolean down) {
    nodes.forEach(SimNode::stopFailing);
    writing = false;
    awaitWhole();
    writing = true;
    clients();
    if (down) {
      SimNode standby =
          nodes.stream()
              .filter(node -> !node.name().equals(checks.state().orElseThrow().leader()))
              .findFirst()
              .orElseThrow();
      standby.killAgent();
      standby.server().die("its host is lost");
      until(world.nanos() + Duration.ofSeconds(15).toNanos());
    }
    long term = checks.state().orElseThrow().term().number();
    nodes.forEach(node -> network.cutFromConsensus(node.name()));
    until(world.nanos() + Duration.ofSeconds(50).toNanos());
    int before = checks.acknowledgedCommits();
    until(world.nanos() + Duration.ofSeconds(10).toNanos());
    int late = checks.acknowledgedCommits() - before;
    network.heal();
    until(world.nanos() + Duration.ofSeconds(15).toNanos());
    long terms = checks.state().orElseThrow().term().number() - term;
    nodes.forEach(SimNode::killAgent);
    return new Outage(terms, late);
  }

  /** What came of an outage of the consensus servers. */
  record Outage(long terms, int lateCommits) {}

  /** How often a standby was elected that might lack something. */
  int promotedBehind() {
    return checks.promotedBehind();
  }

  String journal() {
    return world.journal();
  }

  private void until(long end) {
    while (world.nanos() < end) {
      world.step();
      checks.everyMoment();
    }
  }

  /** Clients write wherever a server takes it, stale primaries included. */
  private void clients() {
    world.after(
        world.millis(20, 250),
        () -> {
          if (writing) {
            nodes.stream()
                .map(SimNode::server)
                .filter(SimServer::takesCommits)
                .forEach(SimServer::commit);
            clients();
          }
        });
  }

  /** Whether there is a primary that all others follow, nothing is lost, and all are voters. */
  private boolean whole() {
    Optional<GroupState> state = checks.state();
    if (state.isEmpty() || checks.view().lease().isEmpty()) {
      return false;
    }
    NodeName leader = state.get().leader();
    List<NodeSpec> others =
        group.nodes().stream().filter(node -> !node.name().equals(leader)).toList();
    List<NodeName> voters =
        others.stream().filter(node -> !node.neverPromote()).map(NodeSpec::name).toList();
    return checks.view().lease().get().lease().holder().equals(leader)
        && checks.server(leader).isPrimary()
        && state.get().voters().equals(SyncSet.of(voters, group.synchronous()))
        && others.stream().allMatch(one -> isWhole(one, leader));
  }

  private boolean isWhole(NodeSpec node, NodeName leader) {
    SimServer standby = checks.server(node.name());
    BitSet missing = (BitSet) checks.acknowledged().clone();
    missing.andNot(standby.wal().held());
    Walsender receiver = standby.receiver();
    return standby.isStandby()
        && receiver != null
        && receiver.upstream.name().equals(node.upstream().orElse(leader))
        && missing.isEmpty();
  }
}
