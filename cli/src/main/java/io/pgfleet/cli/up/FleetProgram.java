package io.pgfleet.cli.up;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.cli.archive.NodeArchiving;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.ConsensusStartException;
import io.pgfleet.consensus.EmbeddedConsensus;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.NodeChanges;
import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.GatewayStatus;
import io.pgfleet.gateway.LookupAccount;
import io.pgfleet.postgres.ServerStatus;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.postgres.host.Secrets;
import io.pgfleet.spec.ConsensusSpec;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All roles of a fleet on one machine, in one process: the consensus server, an agent a node, and
 * the gateway. The servers are not part of it; they go on when it ends, unless it is told to stop
 * them.
 */
public final class FleetProgram implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FleetProgram.class);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);

  private final Fleet fleet;
  private final Folders folders;
  private final NodeSet nodes;
  private final Optional<EmbeddedConsensus> consensus;
  private final LocalNodes local;
  private final GroupObserver observer;
  private final Optional<Gateway> gateway;
  private final FleetSettings settings;
  private final StatusWriter statusWriter;
  private volatile String step = "starting the servers";
  private volatile boolean stopping;

  private FleetProgram(
      Fleet fleet,
      Folders folders,
      NodeSet nodes,
      Optional<EmbeddedConsensus> consensus,
      Optional<Gateway> gateway,
      Wiring wiring) {
    this.fleet = fleet;
    this.folders = folders;
    this.nodes = nodes;
    this.consensus = consensus;
    this.gateway = gateway;
    this.observer = wiring.observer();
    this.settings = FleetSettings.of(fleet.record());
    gateway.ifPresent(own -> own.onReload(() -> Optional.of(reload())));
    this.local = wiring.local();
    this.statusWriter = new StatusWriter(fleet, local::trouble);
  }

  private record Wiring(GroupObserver observer, LocalNodes local) {}

  /**
   * Starts everything and returns as soon as the agents are at work; what they achieve is seen in
   * {@link #status}.
   *
   * @throws CommandFailure for everything that can be known to fail before anything was changed
   */
  public static FleetProgram start(Fleet fleet, Folders folders, Consumer<String> said) {
    refuseEnsemble(fleet);
    NodeSet nodes = NodeSet.prepare(fleet, folders);
    said.accept(
        "PostgreSQL "
            + nodes.installation().version()
            + " in "
            + nodes.installation().bin()
            + (nodes.user().isOther() ? ", servers run as " + nodes.user().name() : ""));
    checkPorts(fleet, nodes);
    FleetHome home = fleet.record().home();
    Optional<EmbeddedConsensus> consensus = startConsensus(home, fleet.spec().consensus());
    try {
      new Secrets(home.secrets()).getOrCreate("consensus");
      Supplier<Agreement> agreements = AgreedState.sessions(fleet);
      AtomicReference<@Nullable LocalNodes> sockets = new AtomicReference<>();
      try (Agreement agreement = agreements.get()) {
        GroupName group = fleet.spec().groups().getFirst().name();
        SettingsApply.adopt(agreement, group, fleet.spec().postgres().settings());
        adoptNodes(new GroupStore(agreement, group));
      }
      AgreedTopology topology =
          new AgreedTopology(fleet.spec().groups().getFirst(), node -> socket(sockets.get(), node));
      GroupObserver observer =
          new GroupObserver(agreements, fleet.spec().groups().getFirst().name(), topology);
      LookupAccount account =
          new LookupAccount("postgres", Accounts.GATEWAY, nodes.accounts().gatewayPassword());
      Optional<Gateway> gateway = startGateway(fleet.spec(), topology, account);
      Duration hold = fleet.spec().gateway().timeouts().hold();
      AtomicReference<@Nullable FleetProgram> running = new AtomicReference<>();
      LocalNodes local =
          new LocalNodes(
              agreements,
              fleet.spec().consensus().lease(),
              new FleetGate(
                  gateway,
                  observer::gateways,
                  () -> gateway.map(own -> own.settings().holdTimeout()).orElse(hold)),
              place ->
                  NodeArchiving.start(
                      fleet.spec(),
                      place,
                      home.folder(),
                      observer::archives,
                      () -> Objects.requireNonNull(running.get()).status()));
      sockets.set(local);
      nodes.places().forEach(local::take);
      FleetProgram program =
          new FleetProgram(fleet, folders, nodes, consensus, gateway, new Wiring(observer, local));
      running.set(program);
      local.start();
      return program;
    } catch (AgreementException e) {
      consensus.ifPresent(EmbeddedConsensus::close);
      throw new CommandFailure(
          "the agreed state can't be reached: " + e.getMessage(), "read the log and start again");
    } catch (IOException e) {
      consensus.ifPresent(EmbeddedConsensus::close);
      throw new CommandFailure(
          "the gateway can't listen on " + fleet.spec().gateway().address() + ": " + e.getMessage(),
          "set gateway.host and gateway.port in fleet.yaml to an address of this machine");
    }
  }

  private static Optional<Path> socket(@Nullable LocalNodes local, NodeSpec node) {
    return local == null ? Optional.empty() : local.socket(node);
  }

  /**
   * All of the group starts here, with this file: what was changed before it was written is past.
   */
  private static void adoptNodes(GroupStore store) {
    GroupView view = store.view();
    Optional<Versioned<NodeChanges>> standing = view.operations().changes();
    if (standing.isPresent() && view.state().isPresent()) {
      store.operations().forgetChanges(view.state().get(), standing.get());
    }
  }

  private static Optional<Gateway> startGateway(
      FleetSpec spec, AgreedTopology topology, LookupAccount account) throws IOException {
    return spec.gateway().run()
        ? Optional.of(Gateway.start(GatewayFromSpec.settings(spec), topology, account))
        : Optional.empty();
  }

  private static void refuseEnsemble(Fleet fleet) {
    if (fleet.spec().consensus().servers() instanceof ConsensusSpec.Ensemble) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "the agreed state of fleet " + fleet.record().name() + " is kept by agents of their own",
          "run 'pgfleet agent --node NAME' for each node and member, or take consensus.members out"
              + " of fleet.yaml for a fleet on one machine");
    }
  }

  private static Optional<EmbeddedConsensus> startConsensus(FleetHome home, ConsensusSpec agreed) {
    if (!(agreed.servers() instanceof ConsensusSpec.Alone alone)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          EmbeddedConsensus.start(
              home.consensus(), socketAddress(alone.address()), agreed.lease()));
    } catch (ConsensusStartException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), "");
    }
  }

  static InetSocketAddress socketAddress(HostPort address) {
    return new InetSocketAddress(address.host(), address.port());
  }

  /** A port that is taken by somebody else is found before anything starts. */
  private static void checkPorts(Fleet fleet, NodeSet nodes) {
    for (NodePlace place : nodes.places()) {
      ServerStatus status = place.server().status();
      if (!status.isAlive()) {
        Ports.checkFree(List.of(place.node().address().host()), place.node().address().port());
      }
    }
    if (fleet.spec().gateway().run()) {
      HostPort gateway = fleet.spec().gateway().address();
      Ports.checkFree(List.of(gateway.host()), gateway.port());
      fleet
          .spec()
          .gateway()
          .metrics()
          .ifPresent(metrics -> Ports.checkFree(List.of(metrics.host()), metrics.port()));
    }
    if (fleet.spec().consensus().servers() instanceof ConsensusSpec.Alone(HostPort consensus)) {
      Ports.checkFree(List.of(consensus.host()), consensus.port());
    }
    NodeChecks.checkPorts(nodes.places());
  }

  /** Nodes of this program that come and go. */
  NodeRequests.Hands hands() {
    return new OwnNodes(fleet, folders, local);
  }

  /** Reads fleet.yaml again, and follows it as far as a running program can. */
  String reload() {
    return settings.reload(gateway, wanted -> wanted);
  }

  Optional<Gateway> gateway() {
    return gateway;
  }

  FleetSettings settings() {
    return settings;
  }

  /** What the whole fleet is doing. */
  public StatusReport status() {
    Optional<GatewayStatus> open = stopping ? Optional.empty() : gateway.map(Gateway::status);
    return statusWriter
        .report(observer.view(), open, step)
        .withArchives(statusWriter.archives(observer.archives()));
  }

  /** Says what start-up is busy with; empty once it is over. */
  void step(String words) {
    step = words;
  }

  /** Begins to believe the agreed state, once no word in it is of a program that was killed. */
  void observe() throws InterruptedException {
    local.awaitIntroduction();
    observer.start();
  }

  /** Start-up ended badly; the fleet goes on as it is. */
  void fail(CommandFailure failure) {
    step = "start-up failed: " + failure.getMessage();
  }

  /** Whether every node but the primary streams from it. */
  boolean standbysFollow() {
    return statusWriter.report(observer.view(), Optional.empty(), "").ready();
  }

  NodeSet nodes() {
    return nodes;
  }

  GroupObserver observer() {
    return observer;
  }

  /**
   * Stops gateway, servers and agents, in the order in which nothing is lost and nobody is
   * promoted.
   */
  public void stopServers(Consumer<String> progress) {
    Optional<String> primary = status().groups().getFirst().primary();
    progress.accept("closing the gateway");
    stopping = true;
    step = "stopping";
    gateway.ifPresent(Gateway::close);
    local.close();
    for (NodePlace place : primaryFirst(primary)) {
      progress.accept("stopping " + place.node().name());
      place.server().stop(StopMode.FAST, STOP_PATIENCE);
    }
    local.closeArchiving();
    log.info("all servers are stopped");
  }

  /** The primary goes first, so that its last WAL reaches the standbys. */
  private List<NodePlace> primaryFirst(Optional<String> primary) {
    return local.places().stream()
        .sorted(
            java.util.Comparator.comparing(
                place -> !primary.equals(Optional.of(place.node().name().value()))))
        .toList();
  }

  /** Ends the roles; the servers go on. */
  @Override
  public void close() {
    stopping = true;
    local.closeChecks();
    gateway.ifPresent(Gateway::close);
    local.close();
    local.closeArchiving();
    observer.close();
    consensus.ifPresent(EmbeddedConsensus::close);
  }

  /** Why the program can't go on, once that is so. */
  @Nullable String failure() {
    return consensus.map(server -> server.failure().getNow(null)).orElse(null);
  }
}
