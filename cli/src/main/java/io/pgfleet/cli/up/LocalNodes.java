package io.pgfleet.cli.up;

import io.pgfleet.agent.AgentLoop;
import io.pgfleet.agent.AgentSettings;
import io.pgfleet.agent.Assent;
import io.pgfleet.agent.AssentRequest;
import io.pgfleet.agent.OutsideGuard;
import io.pgfleet.agent.PromiseMemory;
import io.pgfleet.agent.WriteGate;
import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.agent.server.PostgresNodeServer;
import io.pgfleet.cli.archive.NodeArchiving;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that one program looks after: for each its agent, its checks and its archiving. Nodes
 * come and go while it runs. The servers are no part of it.
 */
final class LocalNodes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalNodes.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);

  private record Tended(NodePlace place, AgentLoop agent, NodeChecks checks) {}

  private final Supplier<Agreement> agreements;
  private final Duration lease;
  private final WriteGate gate;
  private final Function<NodePlace, NodeArchiving> archivings;
  private final Map<NodeName, Tended> tended = new ConcurrentSkipListMap<>();
  private final Map<NodeName, NodeArchiving> archiving = new ConcurrentSkipListMap<>();

  /** None yet; {@code archivings} begins what a node does for the repositories. */
  LocalNodes(
      Supplier<Agreement> agreements,
      Duration lease,
      WriteGate gate,
      Function<NodePlace, NodeArchiving> archivings) {
    this.archivings = archivings;
    this.agreements = agreements;
    this.lease = lease;
    this.gate = gate;
  }

  /**
   * Takes a node on; its agent begins with {@link #start}.
   *
   * @throws io.pgfleet.cli.fleet.CommandFailure if its checks have no port to listen on
   */
  void take(NodePlace place) {
    NodeName name = place.node().name();
    AgentLoop agent =
        new AgentLoop(
            AgentSettings.of(place.node(), place.group()).withLease(lease),
            new PostgresNodeServer(place),
            agreements,
            Ticker.system(),
            gate,
            OutsideGuard.NONE,
            this::ask,
            PromiseMemory.NONE);
    tended.put(
        name, new Tended(place, agent, NodeChecks.start(List.of(place), Map.of(name, agent))));
  }

  /** All agents are in this process. */
  private void ask(NodeName node, AssentRequest request, Consumer<Assent> answered) {
    Tended asked = tended.get(node);
    if (asked != null) {
      answered.accept(asked.agent().answer(request));
    }
  }

  boolean has(NodeName name) {
    return tended.containsKey(name);
  }

  /** Has every agent begin. */
  void start() {
    tended.keySet().forEach(this::start);
  }

  /** Has one agent begin. */
  void start(NodeName name) {
    Optional.ofNullable(tended.get(name))
        .ifPresent(node -> {
          node.agent().start();
          archiving.computeIfAbsent(name, _ -> archivings.apply(node.place()));
        });
  }

  /** Waits until no word in the agreed state is of a program that was killed. */
  void awaitIntroduction() throws InterruptedException {
    for (Tended node : tended.values()) {
      node.agent().awaitIntroduction();
    }
  }

  /** What keeps a node's agent from its work. */
  Optional<String> trouble(NodeName name) {
    return Optional.ofNullable(tended.get(name)).map(node -> node.agent().trouble());
  }

  /** A server's Unix-domain socket. */
  Optional<Path> socket(NodeSpec node) {
    return Optional.ofNullable(tended.get(node.name())).flatMap(one -> one.place().socket());
  }

  List<NodePlace> places() {
    return tended.values().stream().map(Tended::place).toList();
  }

  /** Ends a node's agent and stops its server; the data stays. */
  void release(NodeName name) {
    Tended node = tended.remove(name);
    if (node != null) {
      node.checks().close();
      node.agent().close();
      node.place().server().stop(StopMode.FAST, STOP_PATIENCE);
      Optional.ofNullable(archiving.remove(name)).ifPresent(NodeArchiving::close);
      log.info("{} is released, and its server is stopped", name);
    }
  }

  /** A server that shuts down sends its last WAL to the repositories, too, so this comes after. */
  void closeArchiving() {
    archiving.values().forEach(NodeArchiving::close);
  }

  void closeChecks() {
    tended.values().forEach(node -> node.checks().close());
  }

  /** Ends the agents. None may take a step more once one of them has given its lease back. */
  @Override
  public void close() {
    tended.values().forEach(node -> node.agent().retire());
    tended.values().forEach(node -> node.agent().close());
  }
}
