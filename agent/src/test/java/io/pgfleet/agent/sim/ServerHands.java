package io.pgfleet.agent.sim;

import io.pgfleet.agent.NodeServer;
import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.agent.sim.SimServer.Run;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An agent's view of and hold on a simulated server, in the steps of PostgresNodeServer: each takes
 * time, may fail before or after its effect, and may be the last of its process. What it remembers
 * is lost with the agent.
 */
final class ServerHands implements NodeServer {
  static final long SYSTEM = 7;
  private static final long PATIENCE = Duration.ofSeconds(20).toNanos();
  private static final int SEAL_LOOKS = 40;

  private final World world;
  private final SimNode node;
  private final SimServer server;
  private final Replication replication;
  private final Network network;
  private final Checks checks;
  private final SyncSet namesAtRest;
  private SyncSet names;
  private @Nullable SyncSet sealedWith;
  private Optional<NodeName> upstream = Optional.empty();
  private boolean mayWrite;

  ServerHands(
      World world,
      SimNode node,
      SyncSet namesAtRest,
      Replication replication,
      Network network,
      Checks checks) {
    this.namesAtRest = namesAtRest;
    this.names = namesAtRest;
    this.world = world;
    this.node = node;
    this.server = node.server();
    this.replication = replication;
    this.network = network;
    this.checks = checks;
    server.reconnect();
  }

  private void step() {
    node.pause(world.oneIn(20) ? world.millis(0, 100) : world.millis(0, 2));
  }

  private void mayFail() throws NodeServerException {
    if (world.oneIn(node.failsOneIn())) {
      throw new NodeServerException("a simulated failure");
    }
  }

  private void await(BooleanSupplier done, long patience) throws NodeServerException {
    long began = world.nanos();
    while (!done.getAsBoolean()) {
      if (world.nanos() - began > patience) {
        throw new NodeServerException("it takes too long");
      }
      node.pause(world.millis(20, 60));
    }
  }

  @Override
  public Optional<Member.Running> running(LocalServer here) {
    return Optional.empty();
  }

  @Override
  public LocalServer look() throws NodeServerException {
    mayFail();
    LocalServer seen = eye();
    mayWrite =
        switch (seen) {
          case LocalServer.Primary _ -> true;
          case LocalServer.Silent _ -> mayWrite || !server.markedStandby();
          case LocalServer.Absent _, LocalServer.Stopped _, LocalServer.Standby _ -> false;
        };
    return seen;
  }

  private LocalServer eye() {
    LocalServer seen = once();
    for (int i = 0; i < 8 && restless(seen); i++) {
      node.pause(world.millis(15, 16));
      seen = once();
    }
    return seen;
  }

  private static boolean restless(LocalServer seen) {
    return seen instanceof LocalServer.Standby standby
        && standby.upstream().isEmpty()
        && !standby.sealed();
  }

  private LocalServer once() {
    if (server.frozen()) {
      node.pause(world.millis(500, 2000));
    } else if (world.oneIn(4)) {
      step();
    }
    return switch (server.run()) {
      case ABSENT -> new LocalServer.Absent();
      case STOPPED -> new LocalServer.Stopped(SYSTEM);
      case STARTING -> new LocalServer.Silent(SYSTEM);
      case RUNNING -> server.frozen() ? new LocalServer.Silent(SYSTEM) : running();
    };
  }

  private LocalServer running() {
    Wal wal = server.wal();
    if (server.isPrimary()) {
      return new LocalServer.Primary(SYSTEM, wal.timeline(), new Lsn(wal.size()));
    }
    boolean receiving = server.receiver() != null;
    boolean exhausted = server.replayed() == wal.size();
    if (checks.has(Flaw.VOTE_UNSEALED)) {
      return new LocalServer.Standby(
          SYSTEM, wal.timeline(), new Lsn(wal.size()), upstreamSeen(), false, true);
    }
    return new LocalServer.Standby(
        SYSTEM,
        wal.timeline(),
        new Lsn(receiving ? wal.size() : server.replayed()),
        upstreamSeen(),
        receiving,
        exhausted);
  }

  private Optional<NodeName> upstreamSeen() {
    return server.session().config().upstream();
  }

  @Override
  public boolean upstreamEnds() throws NodeServerException {
    mayFail();
    for (int i = 0; i < 30 && server.receiver() != null; i++) {
      node.pause(world.millis(15, 30));
    }
    return server.receiver() == null;
  }

  @Override
  public void found(SyncSet first) throws NodeServerException {
    step();
    if (server.run() == Run.ABSENT) {
      server.initialize();
    }
    startPrimary(first);
    provision();
  }

  @Override
  public void startPrimary(SyncSet first) throws NodeServerException {
    names = checks.has(Flaw.STARTS_WITHOUT_NAMES) ? SyncSet.NONE : first;
    upstream = Optional.empty();
    if (server.markedStandby()) {
      startSealed();
      return;
    }
    mayWrite = true;
    start(false);
  }

  @Override
  public void startSealed() throws NodeServerException {
    upstream = Optional.empty();
    start(true);
  }

  private void start(boolean asStandby) throws NodeServerException {
    step();
    mayFail();
    configure(asStandby);
    step();
    server.start(world.oneIn(20) ? world.millis(1000, 25_000) : world.millis(50, 800));
    await(() -> server.run() != Run.STARTING, PATIENCE);
    if (server.run() != Run.RUNNING) {
      throw new NodeServerException("it did not start");
    }
    server.reload();
  }

  private void configure(boolean asStandby) {
    sealedWith = null;
    server.configure(Config.FIRST.with(names, upstream), asStandby);
  }

  /** Writes the file and signals the server; there may be a failure between the two. */
  private void reconfigure(boolean asStandby) throws NodeServerException {
    step();
    mayFail();
    if (server.run() == Run.ABSENT) {
      throw new NodeServerException("there is no data");
    }
    configure(asStandby);
    step();
    mayFail();
    if (server.run() == Run.RUNNING || server.run() == Run.STARTING) {
      server.reload();
    }
    step();
    mayFail();
  }

  @Override
  public void seal(SyncSet ifPromoted) throws NodeServerException {
    names = ifPromoted;
    upstream = Optional.empty();
    reconfigure(true);
    sealedWith = ifPromoted;
    if (checks.has(Flaw.VOTE_UNSEALED)) {
      return;
    }
    int atRest = 0;
    for (int i = 0; i < SEAL_LOOKS && atRest < 2; i++) {
      atRest = eye() instanceof LocalServer.Standby standby && standby.sealed() ? atRest + 1 : 0;
      node.pause(world.millis(15, 16));
    }
  }

  @Override
  public void promote(SyncSet first) throws NodeServerException {
    if (!first.equals(sealedWith)) {
      names = first;
      reconfigure(true);
    }
    mayWrite = true;
    if (!server.isStandby()) {
      throw new NodeServerException("it is no standby");
    }
    server.promote(world.oneIn(10) ? world.millis(100, 25_000) : world.millis(1, 100));
    int life = server.life();
    await(() -> !server.isStandby() || server.life() != life, PATIENCE);
    mayFail();
  }

  @Override
  public Way compare(LocalServer.Standby here, Member primary, Member source)
      throws NodeServerException {
    step();
    mayFail();
    reach(source);
    SimServer other = reach(primary);
    Wal wal = other.wal();
    return wal.ancestry().wayFor(wal.timeline(), wal.size(), here.timeline(), here.flushed());
  }

  private SimServer reach(Member primary) throws NodeServerException {
    SimServer other = replication.server(primary.node());
    if (!network.connects(node.name(), primary.node()) || !other.answers()) {
      node.pause(world.millis(1, 2000));
      throw new NodeServerException(primary.node() + " does not answer");
    }
    return other;
  }

  @Override
  public void follow(Member source) throws NodeServerException {
    names = namesAtRest;
    upstream = Optional.of(source.node());
    step();
    reconfigure(true);
  }

  @Override
  public void keepFollowing(Member source) {}

  @Override
  public void commitNothing() {}

  @Override
  public void rewind(Member primary, long systemIdentifier, Consumer<String> progress)
      throws NodeServerException {
    copyFrom(primary, systemIdentifier, progress);
  }

  @Override
  public void copyFrom(Member primary, long systemIdentifier, Consumer<String> progress)
      throws NodeServerException {
    step();
    mayFail();
    server.die("is made anew");
    step();
    server.removeData();
    SimServer other = reach(primary);
    int life = other.life();
    for (int i = world.random().nextInt(4); i > 0; i--) {
      progress.accept("copying " + i);
      node.pause(world.millis(50, 800));
      mayFail();
    }
    if (reach(primary).life() != life) {
      throw new NodeServerException(primary.node() + " went away");
    }
    server.placeData(other.wal(), other.knownTimeline());
    names = namesAtRest;
    upstream = Optional.of(primary.node());
    start(true);
  }

  @Override
  public Set<NodeName> prepareToStop() throws NodeServerException {
    step();
    mayFail();
    int end = server.wal().size();
    node.pause(world.millis(0, 300));
    return server.walsenders().stream()
        .filter(one -> one.streaming && one.flushed >= end)
        .map(one -> one.standby.name())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public void drain() {}

  @Override
  public Optional<Map<String, String>> settings() {
    return Optional.of(Map.of());
  }

  @Override
  public void useSettings(Map<String, String> settings, LocalServer here) {}

  @Override
  public void useNodes(List<NodeSpec> nodes) {}

  @Override
  public Optional<Refusal> refusal(Map<String, String> settings) {
    return Optional.empty();
  }

  @Override
  public void stopCleanly() throws NodeServerException {
    step();
    mayFail();
    int life = server.life();
    server.stopTaking();
    await(
        () ->
            server.life() != life
                || server.walsenders().stream().allMatch(one -> one.flushed >= server.wal().size()),
        PATIENCE);
    if (server.life() == life) {
      server.die("is stopped cleanly");
    }
    mayFail();
  }

  /** Takes no time in the simulation, for the guard calls it beside the rounds. */
  @Override
  public void stopAtOnce() throws NodeServerException {
    server.die("is stopped at once");
  }

  private void requirePrimary() throws NodeServerException {
    requireAnswers();
    if (!server.isPrimary()) {
      throw new NodeServerException("the server is no primary");
    }
  }

  private void requireAnswers() throws NodeServerException {
    if (world.oneIn(4)) {
      step();
    }
    mayFail();
    if (!server.answers()) {
      throw new NodeServerException("the server does not answer");
    }
  }

  @Override
  public SyncSet names() throws NodeServerException {
    requirePrimary();
    names = server.session().config().names();
    return names;
  }

  @Override
  public void setNames(SyncSet next) throws NodeServerException {
    names = next;
    upstream = Optional.empty();
    reconfigure(false);
  }

  @Override
  public Lsn flushed() throws NodeServerException {
    requirePrimary();
    return checks.has(Flaw.FLUSH_NOT_AWAITED) ? Lsn.ZERO : new Lsn(server.wal().size());
  }

  @Override
  public List<Replica> replicas() throws NodeServerException {
    requireAnswers();
    return server.walsenders().stream()
        .map(one ->
            new Replica(
                one.standby.name(),
                one.streaming ? "streaming" : "catchup",
                "quorum",
                new Lsn(one.flushed),
                server.wal().size() - one.flushed))
        .toList();
  }

  @Override
  public void makeSlots(Set<NodeName> standbys) throws NodeServerException {
    step();
    mayFail();
  }

  @Override
  public void keepSlots(Set<NodeName> standbys, Map<NodeName, Lsn> needed)
      throws NodeServerException {
    step();
    mayFail();
  }

  @Override
  public void onGone(Runnable listener) {
    server.whenGone(listener);
  }

  /** Sometimes wrongly: a server that lives may be taken for one that hangs. */
  @Override
  public boolean hangs() {
    return server.frozen() ? world.oneIn(4) : world.oneIn(node.mistakenOneIn());
  }

  @Override
  public boolean mayWrite() {
    return mayWrite;
  }

  @Override
  public void disconnect() {}

  /** Commits and waits for nobody, and nobody is told. */
  @Override
  public void provision() throws NodeServerException {
    requirePrimary();
    server.commitLocally();
    mayFail();
  }
}
