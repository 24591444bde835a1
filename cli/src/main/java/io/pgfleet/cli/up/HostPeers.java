package io.pgfleet.cli.up;

import io.pgfleet.agent.AgentLoop;
import io.pgfleet.agent.PromiseMemory;
import io.pgfleet.agent.peers.AssentClient;
import io.pgfleet.agent.peers.AssentServer;
import io.pgfleet.agent.peers.PeerAccess;
import io.pgfleet.agent.peers.PromiseFile;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the agent of one host reaches those of the others, and they it. */
final class HostPeers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HostPeers.class);

  private final HostPort own;
  private final PeerAccess access;
  private final AssentClient client;
  private final AtomicReference<Function<NodeName, Optional<NodeSpec>>> nodes;
  private @Nullable AssentServer server;

  private HostPeers(
      HostPort own,
      PeerAccess access,
      AssentClient client,
      AtomicReference<Function<NodeName, Optional<NodeSpec>>> nodes) {
    this.nodes = nodes;
    this.own = own;
    this.access = access;
    this.client = client;
  }

  /**
   * Makes ready to ask.
   *
   * @param own the node of this host
   * @throws CommandFailure if this host's certificates can't be used
   */
  static HostPeers of(Fleet fleet, NodeSpec own, Optional<HostTls> tls) {
    AtomicReference<Function<NodeName, Optional<NodeSpec>>> nodes =
        new AtomicReference<>(_ -> Optional.empty());
    PeerAccess access =
        new PeerAccess(
            AgreedState.secret(fleet.record().home(), "consensus"), tls.map(HostTls::forServer));
    try {
      return new HostPeers(
          own.agent(),
          access,
          new AssentClient(node -> nodes.get().apply(node).map(NodeSpec::agent), access),
          nodes);
    } catch (IOException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), "");
    }
  }

  /** What this host's agent promised, also as an earlier process. */
  static PromiseMemory memory(FleetHome home, NodeName node) {
    Path folder = home.folder().resolve("promises");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CommandFailure("can't write to " + home.folder() + ": " + e.getMessage(), "");
    }
    return new PromiseFile(folder.resolve(node.value()));
  }

  /** Has the nodes of the group looked up here, also while the agreed state can't be read. */
  void find(Function<NodeName, Optional<NodeSpec>> present) {
    nodes.set(present);
  }

  AssentClient client() {
    return client;
  }

  /**
   * Begins to answer for an agent.
   *
   * @throws CommandFailure if its address can't be listened on
   */
  synchronized void answer(AgentLoop agent) {
    try {
      server = AssentServer.start(own, access, agent::answer);
    } catch (IOException e) {
      throw new CommandFailure(
          "the agent can't listen at " + own + ": " + e.getMessage(),
          "free the port, or set agent.host and agent.port of the node in fleet.yaml, the same on"
              + " all hosts");
    }
  }

  /** Goes on with the host's certificate as it is now. */
  synchronized void renew() {
    try {
      client.renew();
      if (server != null) {
        server.renew();
      }
    } catch (IOException e) {
      log.error("the renewed certificate can't be used between agents: {}", e.getMessage());
    }
  }

  @Override
  public synchronized void close() {
    if (server != null) {
      server.close();
    }
    client.close();
  }
}
