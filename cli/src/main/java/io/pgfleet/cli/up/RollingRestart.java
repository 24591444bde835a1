package io.pgfleet.cli.up;

import io.pgfleet.agent.server.ServerFacts;
import io.pgfleet.agent.server.ServerInquiry;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.RestartOrder;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Restarts servers one after another, each back in its place before the next. The agents do it;
 * this orders it and looks what comes of it.
 */
final class RollingRestart {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration WHOLE_PATIENCE = Duration.ofSeconds(30);

  /** How long a primary may look untouched after its agent has taken the order. */
  private static final Duration REFUSED = Duration.ofSeconds(3);

  private final GroupServers servers;
  private final GroupStore store;
  private final Consumer<String> progress;

  RollingRestart(GroupServers servers, Consumer<String> progress) {
    this.servers = servers;
    this.store = servers.store();
    this.progress = progress;
  }

  /** Restarts every standby, then moves the primary away and restarts it as a standby. */
  String all(boolean force) {
    awaitWhole();
    List<NodeName> standbys = standbys();
    standbys.forEach(this::standby);
    NodeName primary = primary();
    if (standbys.isEmpty()) {
      primaryInPlace(force);
      return primary + " was restarted";
    }
    try (ServerInquiry inquiry = servers.inquiry(primary)) {
      String before = startOf(inquiry, primary);
      progress.accept(servers.switchover().run(Optional.empty(), force, progress));
      await(primary, () -> isBack(primary, inquiry, before));
    }
    return "all " + (standbys.size() + 1) + " servers were restarted; the primary is " + primary();
  }

  /** Restarts one server in its place. */
  String one(NodeName node, boolean force) {
    awaitWhole();
    if (node.equals(primary())) {
      primaryInPlace(force);
    } else {
      standby(node);
    }
    return node + " was restarted";
  }

  /** Those that are not the primary, in the order of the file. */
  List<NodeName> standbys() {
    NodeName primary = primary();
    return servers.nodes().stream()
        .map(NodeSpec::name)
        .filter(node -> !node.equals(primary))
        .toList();
  }

  NodeName primary() {
    return serving().node();
  }

  private Member serving() {
    long began = System.nanoTime();
    while (true) {
      Optional<Member> serving = store.view().servingPrimary();
      if (serving.isPresent()) {
        return serving.get();
      }
      if (System.nanoTime() - began > WHOLE_PATIENCE.toNanos()) {
        throw new CommandFailure(
            "there is no primary now", "wait until 'pgfleet status' shows one, and try again");
      }
      GroupServers.rest();
    }
  }

  /** A group that lacks a standby would lose another one to a restart. */
  void awaitWhole() {
    Switchover.refuseIfPaused(store);
    long began = System.nanoTime();
    while (!servers.whole()) {
      if (System.nanoTime() - began > WHOLE_PATIENCE.toNanos()) {
        throw new CommandFailure(
            "the group is not whole, so no server is restarted",
            "'pgfleet status' tells what is missing; try again once every standby streams");
      }
      GroupServers.rest();
    }
  }

  void standby(NodeName node) {
    try (ServerInquiry inquiry = servers.inquiry(node)) {
      String before = startOf(inquiry, node);
      progress.accept("restarting " + node);
      store.operations().order(node, new RestartOrder(false));
      await(node, () -> isBack(node, inquiry, before));
    }
  }

  private boolean isBack(NodeName node, ServerInquiry inquiry, String before) {
    Optional<ServerFacts> facts = inquiry.facts();
    GroupView view = store.view();
    Optional<GroupState> state = view.state().map(GroupView.Versioned::value);
    boolean counted =
        state
            .map(agreed ->
                agreed.voters().contains(node)
                    || servers.node(node).neverPromote()
                    || servers.group().synchronous() == 0)
            .orElse(false);
    return facts.isPresent()
        && facts.get().inRecovery()
        && !facts.get().startedAt().equals(before)
        && (facts.get().receiver().equals(Optional.of("streaming"))
            // It receives again only once it has applied what it has, a delay later.
            || (servers.node(node).delayed() && servers.runs(node)))
        && counted;
  }

  /** The lease stays where it is; gateways hold their clients meanwhile. */
  void primaryInPlace(boolean force) {
    NodeName node = primary();
    try (ServerInquiry inquiry = servers.inquiry(node)) {
      String before = startOf(inquiry, node);
      progress.accept("restarting " + node + ", the primary, in its place");
      store.operations().order(node, new RestartOrder(force));
      List<Long> takenSince = new ArrayList<>();
      await(
          node,
          () -> {
            GroupView view = store.view();
            Optional<ServerFacts> facts = inquiry.facts();
            boolean untouched =
                !view.operations().restarts().containsKey(node)
                    && facts.map(ServerFacts::startedAt).equals(Optional.of(before));
            if (untouched) {
              refuseIfLong(takenSince);
            }
            boolean another =
                view.servingPrimary().filter(member -> !member.node().equals(node)).isPresent();
            return another
                ? isBack(node, inquiry, before)
                : view.servingPrimary().isPresent()
                    && facts.isPresent()
                    && !facts.get().inRecovery()
                    && !facts.get().startedAt().equals(before);
          });
    }
  }

  private static void refuseIfLong(List<Long> since) {
    if (since.isEmpty()) {
      since.add(System.nanoTime());
    } else if (System.nanoTime() - since.getFirst() > REFUSED.toNanos()) {
      throw new CommandFailure(
          "the primary was not restarted: some transactions did not end in time",
          "end them, or call it again with --force, which breaks them off");
    }
  }

  private static String startOf(ServerInquiry inquiry, NodeName node) {
    return inquiry
        .facts()
        .map(ServerFacts::startedAt)
        .orElseThrow(() ->
            new CommandFailure(
                "the server of " + node + " does not answer",
                "'pgfleet status' and 'pgfleet logs " + node + "' tell more"));
  }

  private void await(NodeName node, BooleanSupplier done) {
    long began = System.nanoTime();
    while (!done.getAsBoolean()) {
      Optional<String> trouble = servers.failedStart(node);
      if (trouble.isPresent() || System.nanoTime() - began > PATIENCE.toNanos()) {
        store.view().operations().restarts().forEach(store.operations()::forget);
        throw new CommandFailure(
            trouble.orElse(node + " is not back within " + PATIENCE.toSeconds() + " s"),
            "'pgfleet status' and 'pgfleet logs "
                + node
                + "' tell more; no other server was"
                + " touched since");
      }
      GroupServers.rest();
    }
  }
}
