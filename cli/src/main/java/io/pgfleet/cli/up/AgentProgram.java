package io.pgfleet.cli.up;

import io.pgfleet.agent.AgentLoop;
import io.pgfleet.agent.AgentSettings;
import io.pgfleet.agent.OutsideGuard;
import io.pgfleet.agent.server.KernelWatchdog;
import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.agent.server.PostgresNodeServer;
import io.pgfleet.agent.server.ServerGuard;
import io.pgfleet.cli.archive.NodeArchiving;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.NodeChanges;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.spec.ConsensusSpec;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.spec.WatchdogSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one host of a fleet runs beside its server: its part in keeping the agreed state, and its
 * node's agent; a witness has the first alone. The server is not part of it and goes on when it
 * ends, unless it must not.
 */
final class AgentProgram {
  private static final Logger log = LoggerFactory.getLogger(AgentProgram.class);
  private static final int START_LOOKS = 100;
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);

  private final Fleet fleet;
  private final NodeName node;
  private final Optional<HostConsensus> consensus;
  private final Optional<NodePlace> place;
  private final Optional<HostPeers> peers;
  private final Optional<AgentLoop> agent;
  private final Optional<ServerGuard> guard;
  private final GroupObserver observer;
  private final NodeChecks checks;
  private final Map<String, String> passwords;
  private final StatusWriter statusWriter;
  private volatile Optional<NodeArchiving> archiving = Optional.empty();
  private volatile String step = "waiting for the agreed state";

  private AgentProgram(
      Fleet fleet,
      NodeName node,
      Optional<HostConsensus> consensus,
      Optional<NodePlace> place,
      Optional<HostPeers> peers,
      Optional<ServerGuard> guard,
      Map<String, String> passwords) {
    this.fleet = fleet;
    this.node = node;
    this.consensus = consensus;
    this.place = place;
    this.peers = peers;
    this.guard = guard;
    this.passwords = passwords;
    GroupSpec group = fleet.spec().groups().getFirst();
    Supplier<Agreement> agreements =
        HostRole.of(fleet, node)
            .member()
            .map(member -> AgreedState.sessions(fleet, member.address()))
            .orElseGet(() -> AgreedState.sessions(fleet));
    peers.ifPresent(own -> own.find(this::nodeOf));
    this.observer = GroupObserver.onRequest(agreements, group.name());
    Duration hold = fleet.spec().gateway().timeouts().hold();
    this.agent =
        place.map(own ->
            new AgentLoop(
                AgentSettings.of(own.node(), group).withLease(fleet.spec().consensus().lease()),
                new PostgresNodeServer(own),
                agreements,
                Ticker.system(),
                new FleetGate(Optional.empty(), observer::gateways, () -> hold),
                guard.<OutsideGuard>map(Function.identity()).orElse(OutsideGuard.NONE),
                peers.orElseThrow().client(),
                HostPeers.memory(fleet.record().home(), node)));
    this.checks =
        NodeChecks.start(
            place.stream().toList(), agent.map(own -> Map.of(node, own)).orElse(Map.of()));
    this.statusWriter =
        new StatusWriter(
            fleet, other -> other.equals(node) ? agent.map(AgentLoop::trouble) : Optional.empty());
  }

  /**
   * Starts everything and returns as soon as the agent is at work.
   *
   * @throws CommandFailure for everything that can be known to fail before anything was changed
   */
  static AgentProgram start(Fleet fleet, NodeName node, Folders folders, Consumer<String> said) {
    HostRole role = HostRole.of(fleet, node);
    Optional<HostTls> tls = HostTls.require(fleet, node.value());
    AgreedState.secret(fleet.record().home(), "consensus");
    Optional<NodePlace> place = Optional.empty();
    Map<String, String> passwords = Map.of();
    if (role.node().isPresent()) {
      AgreedState.requireSecrets(fleet);
      NodeSet nodes = NodeSet.prepare(fleet, folders);
      passwords = nodes.passwords();
      place = nodes.places().stream().filter(one -> one.node().name().equals(node)).findFirst();
      said.accept(
          "PostgreSQL "
              + nodes.installation().version()
              + " in "
              + nodes.installation().bin()
              + (nodes.user().isOther() ? ", the server runs as " + nodes.user().name() : ""));
      place
          .filter(own -> !own.server().status().isAlive())
          .ifPresent(own ->
              Ports.checkFree(List.of(own.node().address().host()), own.node().address().port()));
    }
    NodeChecks.checkPorts(place.stream().toList());
    place
        .map(own -> own.node().agent())
        .ifPresent(agent -> Ports.checkFree(List.of(agent.host()), agent.port()));
    if (fleet.spec().consensus().servers() instanceof ConsensusSpec.External) {
      AgreedState.trouble(fleet)
          .ifPresent(why -> said.accept("the agreed state is not reached yet: " + why));
    }
    Optional<HostConsensus> consensus =
        role.member().map(member -> HostConsensus.start(fleet, member, tls));
    AgentProgram program =
        new AgentProgram(
            fleet,
            node,
            consensus,
            place,
            place.map(own -> HostPeers.of(fleet, own.node(), tls)),
            place.flatMap(own -> guard(fleet, own)),
            passwords);
    program.agent.ifPresent(own -> program.peers.orElseThrow().answer(own));
    program.agent.ifPresent(AgentLoop::start);
    program.archiving =
        program.place.map(own ->
            NodeArchiving.start(
                fleet.spec(),
                own,
                fleet.record().home().folder(),
                program.observer::archives,
                program::status));
    said.accept(role.words());
    return program;
  }

  /** A node of the group as the agent saw that last. */
  private Optional<NodeSpec> nodeOf(NodeName name) {
    List<NodeSpec> inFile = fleet.spec().groups().getFirst().nodes();
    return agent
        .flatMap(own -> own.standing().view())
        .map(view -> view.operations().nodes().appliedTo(inFile))
        .orElse(inFile)
        .stream()
        .filter(one -> one.name().equals(name))
        .findFirst();
  }

  /** Somebody outside of this process who stops the server when its lease is no longer certain. */
  private static Optional<ServerGuard> guard(Fleet fleet, NodePlace own) {
    WatchdogSpec wanted = own.node().watchdog();
    if (!ServerGuard.available()) {
      if (wanted.mode() == WatchdogSpec.Mode.REQUIRED) {
        throw new CommandFailure(
            "the watchdog " + wanted.device() + " can't be used: this machine has no guard",
            "A guard takes Linux, bash and flock; or set watchdog.mode: automatic.");
      }
      log.warn("this machine has no guard for the server: it takes Linux, bash and flock");
      return Optional.empty();
    }
    Path folder = fleet.record().home().guard(own.node().name());
    try {
      Files.createDirectories(folder.getParent());
      return Optional.of(
          ServerGuard.begin(
              own.server(), folder, KernelWatchdog.of(wanted, fleet.spec().consensus().lease())));
    } catch (IOException e) {
      throw new CommandFailure("the guard of the server can't be started: " + e.getMessage(), "");
    }
  }

  /** Begins to believe the agreed state, once no word in it is of an agent that was killed. */
  void observe() throws InterruptedException {
    if (agent.isPresent()) {
      agent.get().awaitIntroduction();
    }
    observer.start();
  }

  /** Whether this node's server is the one that may be written to, as the group has agreed. */
  boolean leads() {
    return observer
        .view()
        .flatMap(GroupView::servingPrimary)
        .map(Member::node)
        .equals(Optional.of(node));
  }

  /** Whether the group has a primary. */
  boolean hasPrimary() {
    return observer.view().flatMap(GroupView::servingPrimary).isPresent();
  }

  /** Makes the PostgreSQL settings of this host's file the group's, if it has none yet. */
  void adoptSettings() {
    try {
      observer
          .store()
          .filter(_ -> place.isPresent())
          .ifPresent(store -> SettingsApply.adoptFirst(store, fleet.spec().postgres().settings()));
    } catch (AgreementException e) {
      // The next agent that starts does it, or 'apply'.
      log.warn("the PostgreSQL settings are not agreed on yet: {}", e.getMessage());
    }
  }

  /** Fills new databases, on the server of this node. */
  void fillDatabases() {
    NodePlace own = place.orElseThrow();
    new FirstData(
            fleet,
            database ->
                own.session(
                    database.name(),
                    database.owner(),
                    Objects.requireNonNull(passwords.get(database.owner()))),
            this::step)
        .run();
  }

  void step(String words) {
    step = words;
  }

  String move(Optional<String> target, boolean force, Consumer<String> progress) {
    return new Switchover(observer::store, GroupNodes.of(fleet)).run(target, force, progress);
  }

  StatusReport status() {
    return statusWriter
        .report(observer.view(), Optional.empty(), step)
        .withArchives(statusWriter.archives(observer.archives()));
  }

  /** Takes a renewed certificate to the server. */
  void renewed() {
    agent.ifPresent(AgentLoop::wake);
    peers.ifPresent(HostPeers::renew);
    place.ifPresent(own -> {
      if (own.server().status().isAlive()) {
        own.renewTls();
      }
    });
  }

  /**
   * Ends the agent; its server goes on if nobody can be elected in its place. A primary is moved
   * away first, which its clients see as a delay. Where it can't be moved, or may have become one
   * since, and there are others that might be elected later, its server is stopped: nobody would
   * stop it then.
   *
   * <p>Each step is taken whatever became of those before it.
   *
   * @param withServer whether the server is stopped in any case
   */
  void leave(boolean withServer, Consumer<String> progress) {
    step = "stopping";
    boolean alone = nodes() == 1;
    if (place.isPresent() && leads() && !alone) {
      try {
        progress.accept(move(Optional.empty(), false, progress));
        awaitServer(place.get().server());
      } catch (CommandFailure e) {
        progress.accept(
            "the primary can't be moved (" + e.getMessage() + "), so its server is stopped");
      }
    }
    attempt("the HTTP checks", checks::close);
    agent.ifPresent(own -> attempt("the agent", own::close));
    peers.ifPresent(own -> attempt("the way to the other agents", own::close));
    place
        .map(NodePlace::server)
        .filter(server -> withServer || (!alone && mayBePrimary(server)))
        .ifPresent(server -> {
          progress.accept("stopping the server of " + node);
          attempt("the server", () -> server.stop(StopMode.FAST, STOP_PATIENCE));
        });
    attempt("the archiving", () -> archiving.ifPresent(NodeArchiving::close));
    // A server that could not be stopped is left to the guard, whose last word runs out.
    guard
        .filter(_ -> alone || place.stream().noneMatch(own -> mayBePrimary(own.server())))
        .ifPresent(own -> attempt("the guard of the server", () -> dismiss(own)));
    attempt("the watch of the group", observer::close);
    consensus.ifPresent(own -> attempt("the consensus server", own::close));
    log.info("the agent of {} has left", node);
  }

  /** The agent starts its server again when another has taken over, if it is given the time. */
  private static void awaitServer(Server server) {
    for (int i = 0; i < START_LOOKS && !server.status().isAlive(); i++) {
      GroupServers.rest();
    }
  }

  /** Asked of the server's files as well: its agent may not have seen it yet. */
  private boolean mayBePrimary(Server server) {
    return server.status().isAlive()
        && (agent.map(AgentLoop::mayWrite).orElse(false) || !server.data().isMarkedStandby());
  }

  private static void attempt(String what, Runnable end) {
    try {
      end.run();
    } catch (RuntimeException e) {
      log.error("{} could not be ended: {}", what, e.getMessage());
      log.debug("the cause", e);
    }
  }

  /** How many nodes the group has now. */
  private int nodes() {
    return observer
        .view()
        .map(view -> view.operations().nodes())
        .orElse(NodeChanges.NONE)
        .appliedTo(fleet.spec().groups().getFirst().nodes())
        .size();
  }

  /** A server that goes on is a standby, or one that nobody can be elected in the place of. */
  private static void dismiss(ServerGuard guard) {
    try {
      guard.close();
    } catch (IOException e) {
      log.warn("the guard of the server could not be told to end: {}", e.getMessage());
    }
  }

  /** Why the program can't go on, once that is so. */
  @Nullable String failure() {
    return consensus.map(HostConsensus::failure).orElse(null);
  }
}
