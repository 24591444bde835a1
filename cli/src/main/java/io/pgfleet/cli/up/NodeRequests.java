package io.pgfleet.cli.up;

import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.NodeChanges;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Adds nodes to a running group and takes them out. Each step is a commit of its own after which
 * the same request can be made again and goes on from there. Why it is safe: {@link NodeChanges}.
 */
final class NodeRequests {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration STOPPED = Duration.ofSeconds(30);
  private static final int TRIES = 20;

  /** What the program that was asked does by itself for nodes that are its own. */
  interface Hands {
    /** Of a command on one of several hosts: nothing, the agents do it. */
    Hands NONE =
        new Hands() {
          @Override
          public void prepare(FleetSpec spec, NodeSpec node) {}

          @Override
          public boolean has(NodeName node) {
            return false;
          }

          @Override
          public boolean start(NodeSpec node) {
            return false;
          }

          @Override
          public boolean release(NodeName node) {
            return false;
          }
        };

    /**
     * Makes ready for a new node.
     *
     * @throws CommandFailure if it can't be here; nothing has changed then
     */
    void prepare(FleetSpec spec, NodeSpec node);

    /** Whether it looks after a node already. */
    boolean has(NodeName node);

    /** Starts a node's agent; false if that is not for this program to do. */
    boolean start(NodeSpec node);

    /** Ends a node's agent and server; false if that is not for this program to do. */
    boolean release(NodeName node);
  }

  private final Fleet fleet;
  private final GroupStore store;
  private final Hands hands;

  NodeRequests(Fleet fleet, GroupStore store, Hands hands) {
    this.fleet = fleet;
    this.store = store;
    this.hands = hands;
  }

  /** Whether a request is one of these. */
  static boolean include(Request request) {
    return List.of("add-node", "remove-node", "keep-node").contains(request.command());
  }

  /** Carries a request out; what has been achieved, for people. */
  String handle(Request request, Consumer<String> progress) {
    NodeName name = new NodeName(request.argument().orElseThrow());
    try {
      return switch (request.command()) {
        case "add-node" -> add(name, progress);
        case "keep-node" -> keep(name);
        default -> remove(name, progress);
      };
    } catch (AgreementException e) {
      throw new CommandFailure(
          "the agreed state can't be reached: " + e.getMessage(),
          "call it again; it goes on from where it was");
    }
  }

  private GroupSpec inFile() {
    return fleet.spec().groups().getFirst();
  }

  /** The node stands in the file already. */
  private String add(NodeName name, Consumer<String> progress) {
    FleetSpec spec = FleetChoice.spec(fleet.record());
    NodeSpec node =
        spec.groups().getFirst().nodes().stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(() -> missing(name));
    hands.prepare(spec, node);
    change(view -> {
      if (view.operations().nodes().leaving().contains(name)) {
        throw new CommandFailure(
            name + " is about to leave the group",
            "'pgfleet node remove " + name + " --cancel' keeps it");
      }
      return hands.has(name) || isAdded(view, name)
          ? view.operations().nodes()
          : view.operations().nodes().withAdded(node);
    });
    if (!hands.start(node)) {
      return name + " is a node of the group now";
    }
    progress.accept(name + " is made from a running server's data");
    if (!within(PATIENCE, () -> streams(name))) {
      return name + " is still being made; 'pgfleet status' shows when it streams";
    }
    return name + " streams from " + source(name);
  }

  /** An earlier call has done it, perhaps long ago. */
  private static boolean isAdded(GroupView view, NodeName name) {
    return view.operations().nodes().added().stream().anyMatch(one -> one.name().equals(name));
  }

  private boolean streams(NodeName name) {
    return store.view().received(name).filter(received -> received.row().streaming()).isPresent();
  }

  private String source(NodeName name) {
    return store
        .view()
        .received(name)
        .map(GroupView.Received::from)
        .filter(from -> from.role() == Member.Role.STANDBY)
        .map(from -> from.node().value())
        .orElse("the primary");
  }

  private String keep(NodeName name) {
    change(view -> view.operations().nodes().withStaying(name));
    return name + " stays in the group";
  }

  private String remove(NodeName name, Consumer<String> progress) {
    store.catchUp();
    if (!store.view().operations().nodes().removed().contains(name)) {
      change(view -> {
        refuse(view, name);
        return view.operations().nodes().withLeaving(name);
      });
      progress.accept("waiting until nothing depends on " + name);
      if (!within(PATIENCE, () -> isSpared(store.view(), name) || isKept(store.view(), name))) {
        throw new CommandFailure(
            name + " is still needed: " + why(store.view(), name),
            "call it again once 'pgfleet status' shows the others streaming, or give it up with"
                + " --cancel");
      }
      change(view -> {
        // Also one that nothing depends on at this moment, such as one that is away.
        if (isKept(view, name)) {
          throw new CommandFailure(
              name + " stays in the group: --cancel was called meanwhile",
              "'pgfleet node remove " + name + "' begins anew");
        }
        if (!isSpared(view, name)) {
          throw new CommandFailure(name + " is needed again", "call it again");
        }
        return view.operations().nodes().withRemoved(name);
      });
    }
    Optional.ofNullable(store.view().operations().restarts().get(name))
        .ifPresent(order -> store.operations().forget(name, order));
    if (hands.release(name)) {
      return name + " is out of the group, and its server is stopped";
    }
    boolean stopped =
        within(
            STOPPED,
            () ->
                store
                    .view()
                    .member(name)
                    .filter(member -> member.role() == Member.Role.STOPPED)
                    .isPresent());
    return stopped
        ? name + " is out of the group, and its server is stopped"
        : name
            + " is out of the group; its agent does not say that its server has stopped, so see to"
            + " that on its host";
  }

  /** What speaks against taking a node out now. */
  private void refuse(GroupView view, NodeName name) {
    NodeChanges changes = view.operations().nodes();
    GroupSpec group = changes.appliedTo(inFile());
    if (group.nodes().stream().noneMatch(node -> node.name().equals(name))) {
      throw missing(name);
    }
    if (view.state().filter(state -> state.value().leader().equals(name)).isPresent()) {
      throw new CommandFailure(name + " is the primary", "move it first: 'pgfleet switchover'");
    }
    if (view.operations().pause().isPresent()) {
      throw new CommandFailure(
          "the group is paused for maintenance", "'pgfleet resume' ends the pause");
    }
    if (view.operations().scheduled().stream()
        .anyMatch(move -> move.value().to().equals(Optional.of(name)))) {
      throw new CommandFailure(
          "the primary is to move to " + name + " later", "'pgfleet switchover --cancel' first");
    }
    List<NodeSpec> left =
        changes.withRemoved(name).appliedTo(inFile().nodes()).stream()
            .filter(node -> !node.neverPromote())
            .toList();
    if (left.size() <= group.synchronous()) {
      throw new CommandFailure(
          "without "
              + name
              + " commits can't wait for "
              + group.synchronous()
              + " standbys that may be promoted",
          "add a node first, or lower synchronous");
    }
    long there = left.stream().filter(node -> standby(view, node.name())).count();
    if (group.durability() == Durability.STRICT && there < group.synchronous()) {
      throw new CommandFailure(
          "without "
              + name
              + " there are "
              + there
              + " standbys that stream, and with durability strict commits would wait",
          "bring the others back first; 'pgfleet status' shows them");
    }
  }

  private static boolean standby(GroupView view, NodeName name) {
    return view.servingPrimary().filter(primary -> primary.streamsTo(name)).isPresent();
  }

  /** Whether no commit waits for a node and no election asks it. */
  private static boolean isSpared(GroupView view, NodeName name) {
    return view.state()
            .filter(state -> !state.value().voters().contains(name))
            .filter(state -> !state.value().leader().equals(name))
            .isPresent()
        && view.servingPrimary().filter(primary -> !primary.waitsFor().contains(name)).isPresent();
  }

  /** Whether another call has taken back that a node is to leave. */
  private static boolean isKept(GroupView view, NodeName name) {
    NodeChanges changes = view.operations().nodes();
    return !changes.leaving().contains(name) && !changes.removed().contains(name);
  }

  private static String why(GroupView view, NodeName name) {
    return view.servingPrimary()
        .map(primary ->
            primary.waitsFor().contains(name)
                ? "commits wait for " + primary.waitsFor()
                : "an election asks "
                    + view.state().map(state -> state.value().voters().toString()).orElse(""))
        .orElse("there is no primary");
  }

  private interface Next {
    NodeChanges of(GroupView view);
  }

  /** One commit, from what stands; nothing if it says the same. */
  private void change(Next next) {
    for (int i = 0; i < TRIES; i++) {
      store.catchUp();
      GroupView view = store.view();
      Versioned<GroupState> state =
          view.state()
              .orElseThrow(() ->
                  new CommandFailure(
                      "the group has no data yet", "wait until 'pgfleet status' shows a primary"));
      NodeChanges wanted = next.of(view);
      if (wanted.equals(view.operations().nodes())) {
        return;
      }
      try {
        store.operations().change(state, view.operations().changes(), wanted);
        return;
      } catch (ConflictException e) {
        // The state moved on in between; what it is now decides.
        GroupServers.rest();
      }
    }
    throw new CommandFailure("the agreed state changes all the time", "try again in a moment");
  }

  private static boolean within(Duration patience, BooleanSupplier done) {
    long began = System.nanoTime();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() - began > patience.toNanos()) {
        return false;
      }
      GroupServers.rest();
    }
    return true;
  }

  private static CommandFailure missing(NodeName name) {
    return new CommandFailure(
        CommandFailure.USAGE, "there is no node " + name, "'pgfleet status' lists the nodes");
  }
}
