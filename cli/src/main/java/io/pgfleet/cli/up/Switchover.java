package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.MoveTargets;
import io.pgfleet.consensus.group.PlannedMove;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Moves the primary on purpose: checks that it can, writes the wish, and waits for what comes of
 * it.
 */
final class Switchover {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration SET_PATIENCE = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(50);

  private final Supplier<Optional<GroupStore>> stores;
  private final GroupNodes nodes;

  /**
   * A switchover.
   *
   * @param stores the group's records, once they can be reached
   * @param nodes of the group, as its file has them
   */
  Switchover(Supplier<Optional<GroupStore>> stores, GroupNodes nodes) {
    this.stores = stores;
    this.nodes = nodes;
  }

  String run(Optional<String> target, boolean force, Consumer<String> progress) {
    try {
      GroupStore store = stores.get().orElseThrow(Switchover::notNow);
      store.catchUp();
      GroupNodes present = nodes.now(store);
      GroupSpec group = present.group();
      Optional<NodeSpec> named = target.map(present::named);
      named.ifPresent(Switchover::refuseNeverPromoted);
      Optional<NodeName> wanted = named.map(NodeSpec::name);
      refuseIfPaused(store);
      wanted.flatMap(store.view()::member).ifPresent(Switchover::refuseUnfit);
      awaitReady(store, group, wanted, progress);
      GroupView view = store.view();
      GroupState state = view.state().orElseThrow(Switchover::notNow).value();
      Member primary = view.servingPrimary().orElseThrow(Switchover::notNow);
      NodeName to =
          wanted.orElseGet(() -> MoveTargets.best(group, view).orElseThrow(Switchover::nobody));
      check(group, view, primary, to);
      long began = System.nanoTime();
      progress.accept("moving the primary from " + primary.node() + " to " + to);
      store.wish(new PlannedMove(to, state.term(), force));
      Member now = await(store, state);
      long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
      if (!now.node().equals(to)) {
        throw new CommandFailure(
            "the primary is " + now.node() + " now, not " + to + ": it had more of the WAL",
            "look at 'pgfleet status' and try again");
      }
      return now.node() + " is the primary of term " + now.term() + ", after " + millis + " ms";
    } catch (AgreementException e) {
      throw new CommandFailure(
          "the agreed state can't be reached: " + e.getMessage(), "try again in a moment");
    }
  }

  static void refuseIfPaused(GroupStore store) {
    if (store.view().operations().pause().isPresent()) {
      throw new CommandFailure(
          "the group is paused for maintenance, so no server is stopped or promoted",
          "'pgfleet resume' ends the pause");
    }
  }

  /**
   * Standbys are taken into the synchronous set one by one after a move or a start: a moment's
   * patience, and the move can be made.
   */
  private static void awaitReady(
      GroupStore store, GroupSpec group, Optional<NodeName> wanted, Consumer<String> progress) {
    boolean told = false;
    for (long waited = 0; waited < SET_PATIENCE.toMillis(); waited += STEP.toMillis()) {
      GroupView view = store.view();
      Member primary = view.servingPrimary().orElseThrow(Switchover::notNow);
      boolean ready =
          wanted
              .map(node -> node.equals(primary.node()) || MoveTargets.include(group, view, node))
              .orElseGet(() -> MoveTargets.best(group, view).isPresent());
      if (ready) {
        return;
      }
      if (!told) {
        progress.accept("waiting for a standby to be ready");
        told = true;
      }
      try {
        Thread.sleep(STEP);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw notNow();
      }
    }
  }

  private static CommandFailure nobody() {
    return new CommandFailure(
        "no standby is ready to take over", "'pgfleet status' tells what they do");
  }

  private static void refuseNeverPromoted(NodeSpec to) {
    if (to.neverPromote()) {
      throw new CommandFailure(
          to.name() + " is never promoted",
          "take " + to.keyAgainstPromotion() + " from it in fleet.yaml, or name another");
    }
  }

  private static void refuseUnfit(Member to) {
    if (to.cannotLead()) {
      throw new CommandFailure(
          to.node() + " must not be the primary now: " + to.note(), "mend that, or name another");
    }
  }

  private static void check(GroupSpec group, GroupView view, Member primary, NodeName to) {
    if (primary.node().equals(to)) {
      throw new CommandFailure(to + " is the primary already", "");
    }
    if (!MoveTargets.include(group, view, to)) {
      throw new CommandFailure(
          to
              + (group.durability().waits()
                  ? " is not in the synchronous set, so it may lack commits"
                  : " does not stream from the primary, so it lacks commits"),
          "wait until 'pgfleet status' shows it streaming, and try again");
    }
  }

  private static CommandFailure notNow() {
    return new CommandFailure(
        "there is no primary now", "wait until 'pgfleet status' shows one, and try again");
  }

  private Member await(GroupStore store, GroupState before) {
    long began = System.nanoTime();
    while (System.nanoTime() - began < PATIENCE.toNanos()) {
      GroupView view = store.view();
      Optional<Member> serving = view.servingPrimary();
      if (serving.isPresent() && serving.get().term().compareTo(before.term()) > 0) {
        return serving.get();
      }
      if (serving.isPresent() && view.move().isEmpty()) {
        throw new CommandFailure(
            "the primary did not move: some transactions did not end in time",
            "end them, or call 'pgfleet switchover --force', which breaks them off");
      }
      try {
        // Whoever looks often slows down the move that it waits for, where they share a machine.
        Thread.sleep(STEP);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw notNow();
      }
    }
    GroupView view = store.view();
    view.move().ifPresent(store::forget);
    throw new CommandFailure(
        "the primary did not move within " + PATIENCE.toSeconds() + " s",
        "'pgfleet status' and the log tell what it waits for");
  }
}
