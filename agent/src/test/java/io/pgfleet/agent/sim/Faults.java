package io.pgfleet.agent.sim;

import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Pause;
import io.pgfleet.consensus.group.PlannedMove;
import io.pgfleet.consensus.group.RestartOrder;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What goes wrong, drawn from the seed: at any moment, also in the middle of a round. */
final class Faults {
  private static final int KINDS = 22;

  /** The first of them are failures; the others are an operator's doing. */
  private static final int FAILURES = 20;

  private final World world;
  private final Network network;
  private final List<SimNode> nodes;
  private final Checks checks;
  private final GroupStore store;
  private final int[] kinds;
  private final long pace;
  private boolean over;
  private boolean consensusIsAway;

  Faults(World world, Network network, List<SimNode> nodes, Checks checks, GroupStore store) {
    this.world = world;
    this.network = network;
    this.nodes = nodes;
    this.checks = checks;
    this.store = store;
    // Few kinds at a time meet each other more often than all of them would.
    List<Integer> wanted = checks.flaw().kinds();
    this.kinds =
        !wanted.isEmpty()
            ? wanted.stream().mapToInt(kind -> kind).toArray()
            : world
                .random()
                .ints(1 + world.random().nextInt(5), 0, kindsFor(checks.flaw()))
                .toArray();
    this.pace = world.oneIn(3) ? world.millis(100, 800) : world.millis(300, 5000);
  }

  /** Among failures alone a flaw comes to light sooner. */
  private static int kindsFor(Flaw flaw) {
    return flaw == Flaw.NONE ? KINDS : FAILURES;
  }

  void begin() {
    world.after(
        world.random().nextLong(2 * pace),
        () -> {
          if (!over) {
            strike();
            begin();
          }
        });
  }

  /** Ends all of them; everything is as it should be, and runs. */
  void end() {
    over = true;
    network.heal();
    endPause();
    for (SimNode node : nodes) {
      node.stopFailing();
      node.server().thaw();
      node.thawAgent();
      node.startAgent();
    }
  }

  private SimNode any() {
    return nodes.get(world.random().nextInt(nodes.size()));
  }

  /** Often the node that leads: most can go wrong there. */
  private SimNode victim() {
    return world.oneIn(2)
        ? checks
            .state()
            .flatMap(
                state -> nodes.stream().filter(one -> one.name().equals(state.leader())).findAny())
            .orElseGet(this::any)
        : any();
  }

  private void strike() {
    SimNode node = victim();
    NodeName name = node.name();
    long lasting = world.oneIn(4) ? world.millis(5000, 20_000) : world.millis(10, 5000);
    int kind = kinds[world.random().nextInt(kinds.length)];
    world.tell(() -> "fault " + kind + " at " + name + " for " + Duration.ofNanos(lasting));
    switch (kind) {
      case 0, 1 -> node.server().die("a fault");
      case 2, 3 -> {
        node.killAgent();
        world.after(lasting, node::startAgent);
      }
      case 4 -> {
        node.freezeAgent();
        world.after(lasting, node::thawAgent);
      }
      case 5 -> {
        node.server().freeze();
        world.after(lasting, node.server()::thaw);
      }
      case 6 -> {
        node.freezeAgent();
        node.server().freeze();
        world.after(lasting, () -> thawAll(node));
      }
      case 7 -> {
        node.killAgent();
        node.server().die("a fault of the host");
        world.after(lasting, node::startAgent);
      }
      case 8 -> {
        network.cutFromConsensus(name);
        world.after(lasting, () -> network.join(name));
      }
      case 9 -> cutFromServers(name, lasting, true);
      case 10 -> {
        network.cutFromConsensus(name);
        cutFromServers(name, lasting, true);
      }
      case 11 -> cutFromServers(name, lasting, false);
      case 12 -> slow(name, world.millis(2000, 25_000));
      case 13 -> move();
      case 14 -> restartAll();
      case 15 -> {
        nodes.forEach(one -> network.cutFromConsensus(one.name()));
        nodes.forEach(
            one -> world.after(world.random().nextLong(lasting), () -> network.join(one.name())));
      }
      case 16 -> {
        node.killAgent();
        node.server().die("a fault of the host");
        world.after(world.millis(5000, 25_000), node::startAgent);
      }
      case 17 -> {
        node.killAgent();
        world.after(world.millis(4000, 6500), node::startAgent);
      }
      case 18 -> cutFromMost(name, lasting);
      case 19 -> consensusComesBackElsewhere();
      case 20 -> {
        pause();
        world.after(lasting, this::endPause);
      }
      default -> attempt(() -> store.operations().order(name, new RestartOrder(world.oneIn(2))));
    }
  }

  /** A primary has gone on without consensus; then the others reach it again, as new processes. */
  private void consensusComesBackElsewhere() {
    if (consensusIsAway) {
      return;
    }
    consensusIsAway = true;
    nodes.forEach(one -> network.cutFromConsensus(one.name()));
    NodeName leader = victim().name();
    long away = world.millis(4000, 9000);
    for (SimNode one : nodes) {
      if (one.name().equals(leader)) {
        long back = away + world.millis(0, 8000);
        world.after(back, () -> network.join(leader));
        world.after(back + world.millis(0, 5000), () -> consensusIsAway = false);
      } else {
        world.after(
            away,
            () -> {
              one.killAgent();
              network.join(one.name());
              one.startAgent();
            });
      }
    }
  }

  private void pause() {
    attempt(() -> {
      GroupView view = store.view();
      view.state()
          .ifPresent(state ->
              store
                  .operations()
                  .pause(state, view.operations().pause(), new Pause(Instant.EPOCH, false)));
    });
  }

  private void endPause() {
    attempt(() -> store.view().operations().pause().ifPresent(store.operations()::endPause));
  }

  private void attempt(Runnable operation) {
    try {
      operation.run();
    } catch (ConflictException e) {
      world.tell(() -> "an operator comes too late: " + e.getMessage());
    }
  }

  private void thawAll(SimNode node) {
    if (world.oneIn(2)) {
      node.server().thaw();
      node.thawAgent();
    } else {
      node.thawAgent();
      world.after(world.millis(0, 200), node.server()::thaw);
    }
  }

  private void cutFromServers(NodeName name, long lasting, boolean both) {
    boolean outwards = world.random().nextBoolean();
    for (SimNode other : nodes) {
      if (!other.name().equals(name) && (both || world.oneIn(2))) {
        if (both || outwards) {
          network.cut(name, other.name());
        }
        if (both || !outwards) {
          network.cut(other.name(), name);
        }
      }
    }
    world.after(lasting, () -> network.join(name));
  }

  private void slow(NodeName name, long lasting) {
    for (SimNode other : nodes) {
      if (world.oneIn(2)) {
        network.slow(name, other.name(), world.millis(100, 4000));
        network.slow(other.name(), name, world.millis(100, 4000));
      }
    }
    world.after(lasting, () -> network.join(name));
  }

  private void restartAll() {
    nodes.forEach(node -> {
      node.killAgent();
      node.server().die("all are restarted");
      world.after(world.millis(0, 3000), node::startAgent);
    });
  }

  /** One standby still follows the victim, which may do without consensus. */
  private void cutFromMost(NodeName name, long lasting) {
    NodeName kept = any().name();
    for (SimNode other : nodes) {
      if (!other.name().equals(name) && !other.name().equals(kept)) {
        network.cut(name, other.name());
        network.cut(other.name(), name);
      }
    }
    if (world.oneIn(2)) {
      network.cutFromConsensus(name);
    }
    world.after(lasting, () -> network.join(name));
  }

  private void move() {
    checks
        .state()
        .ifPresent(
            state -> store.wish(new PlannedMove(any().name(), state.term(), world.oneIn(2))));
  }
}
