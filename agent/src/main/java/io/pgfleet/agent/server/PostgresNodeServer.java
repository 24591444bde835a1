package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServer;
import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.agent.decide.SyncGoal;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.postgres.Initialization;
import io.pgfleet.postgres.PostmasterWatch;
import io.pgfleet.postgres.Role;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.ServerStatus;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.Upstream;
import io.pgfleet.postgres.data.ReceivedWal;
import io.pgfleet.postgres.host.Processes;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node's real server. */
public final class PostgresNodeServer implements NodeServer {
  private static final Logger log = LoggerFactory.getLogger(PostgresNodeServer.class);

  /** How long a call waits for a server that starts, stops or promotes; it goes on by itself. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(2);
  private static final int SEAL_LOOKS = 200;
  private static final int END_LOOKS = 30;

  private final NodePlace place;
  private final Server server;
  private final LocalSession session;
  private final LocalSession replication;
  private final Liveness liveness;
  private final ServerEye eye;
  private final RunningInquiry running;
  private final PrimaryDesk desk;
  private final Provisioning provisioning;
  private final StandbyData data;

  /**
   * Of the nodes that the agent started with. A standby's configuration has a meaning only in the
   * moments after a promotion, when nobody but the new primary can be elected; with strict any k
   * nodes do, and those that have left never answer.
   */
  private final SyncSet namesAtRest;

  private SyncSet names;

  /** None if commits wait for nodes only. */
  private final Optional<ArchiveStandby> archive;

  /** What the running server has been told to wait for since it was sealed; null if it was not. */
  private @Nullable SyncSet sealedWith;

  private Map<String, String> settings;
  private @Nullable Map<String, String> written;
  private boolean configured;
  private Optional<Member> upstream = Optional.empty();
  private volatile boolean mayWrite;
  private Runnable whenGone = () -> {};
  private @Nullable PostmasterWatch watch;
  private long watchedPid;

  public PostgresNodeServer(NodePlace place) {
    this.place = place;
    this.settings = place.settings();
    this.server = place.server();
    this.namesAtRest = SyncGoal.of(place.group(), place.node().name()).atRest();
    this.names = namesAtRest;
    this.archive =
        place
            .backup()
            .synchronous()
            .map(repository ->
                new ArchiveStandby(
                    ArchiveStandby.nameOf(repository),
                    place.group().durability() == Durability.STRICT,
                    Ticker.system()));
    this.session = new LocalSession(place.ownSession());
    this.replication = new LocalSession(place.ownSession().withReplication(true));
    this.liveness = new Liveness(place.patientSession(), Ticker.system());
    this.eye = new ServerEye(server, place.group(), session, replication, liveness);
    this.running = new RunningInquiry(session, server.installation(), Ticker.system());
    this.desk = new PrimaryDesk(session);
    this.provisioning = new Provisioning(session, place.wanted());
    this.data = new StandbyData(place);
  }

  @Override
  public void useNodes(List<NodeSpec> nodes) {
    eye.useNodes(nodes);
  }

  @Override
  public LocalServer look() throws NodeServerException {
    LocalServer seen =
        data.incomplete() && !server.status().isAlive()
            ? new LocalServer.Absent()
            : ServerCall.ask(eye::look);
    watch();
    mayWrite =
        switch (seen) {
          case LocalServer.Primary _ -> true;
          // What does not answer is still what it was, also if this agent never saw it answer.
          case LocalServer.Silent _ -> mayWrite || !server.data().isMarkedStandby();
          case LocalServer.Absent _, LocalServer.Stopped _, LocalServer.Standby _ -> false;
        };
    return seen;
  }

  @Override
  public Optional<Member.Running> running(LocalServer here) {
    return running.of(here, watchedPid);
  }

  /** Looks after the process that runs now, if it is another than before. */
  private void watch() {
    if (server.status() instanceof ServerStatus.Running running && running.pid() != watchedPid) {
      unwatch();
      watchedPid = running.pid();
      watch = PostmasterWatch.begin(running.pid(), whenGone);
    }
  }

  private void unwatch() {
    PostmasterWatch current = watch;
    watch = null;
    watchedPid = 0;
    if (current != null) {
      current.close();
    }
  }

  @Override
  public void onGone(Runnable listener) {
    whenGone = listener;
  }

  @Override
  public boolean hangs() {
    return liveness.hangs();
  }

  @Override
  public boolean mayWrite() {
    return mayWrite;
  }

  @Override
  public void found(SyncSet first) throws NodeServerException {
    ServerCall.run(() -> {
      if (server.status() instanceof ServerStatus.NotInitialized) {
        server.initialize(
            Initialization.withPassword(place.wanted().accounts().superuserPassword()));
      }
    });
    startPrimary(first);
    provisioning.run();
  }

  @Override
  public void startPrimary(SyncSet first) throws NodeServerException {
    names = first;
    upstream = Optional.empty();
    if (server.data().isMarkedStandby()) {
      // It died between taking the term and promoting; as a standby it can be promoted again.
      startSealed();
      return;
    }
    mayWrite = true;
    start(new Role.Primary());
  }

  @Override
  public void startSealed() throws NodeServerException {
    upstream = Optional.empty();
    start(standbyRole());
  }

  private void start(Role role) throws NodeServerException {
    ServerCall.run(() -> {
      configure(role);
      server.start(PATIENCE);
      // One that ran already has not read what was just written.
      server.reload();
    });
  }

  @Override
  public boolean upstreamEnds() throws NodeServerException {
    for (int i = 0; i < END_LOOKS; i++) {
      if (!eye.receives()) {
        return true;
      }
      ServerEye.pause();
    }
    return false;
  }

  @Override
  public void seal(SyncSet ifPromoted) throws NodeServerException {
    names = ifPromoted;
    upstream = Optional.empty();
    reconfigure(standbyRole());
    sealedWith = ifPromoted;
    boolean delayed = place.node().delayed();
    // Two looks at rest: between them the startup process has come round to its new settings, had
    // it been about to start a receiver with the old ones.
    int atRest = 0;
    for (int i = 0; i < SEAL_LOOKS; i++) {
      boolean rests =
          eye.look() instanceof LocalServer.Standby standby
              && (delayed ? standby.cutOff() : standby.sealed());
      atRest = rests ? atRest + 1 : 0;
      if (atRest == 2) {
        return;
      }
      if (delayed && !rests) {
        endReceiver();
      }
      ServerEye.pause();
    }
  }

  /**
   * Ends the WAL receiver. The startup process would, but not while it waits for a delay: until
   * then one that was told of another upstream goes on receiving from the one before.
   */
  private void endReceiver() throws NodeServerException {
    for (Row row : session.run("select pid from pg_stat_wal_receiver").getLast().rows()) {
      try {
        Processes.signal(Long.parseLong(row.required("pid")), "TERM");
      } catch (IOException e) {
        // It has ended by itself, or the next look shows that it has not.
        log.debug("{}: the WAL receiver", place.node().name(), e);
      }
    }
  }

  @Override
  public void promote(SyncSet first) throws NodeServerException {
    if (!first.equals(sealedWith)) {
      names = first;
      reconfigure(standbyRole());
    }
    mayWrite = true;
    ServerCall.run(() -> server.promote(PATIENCE));
  }

  @Override
  public Way compare(LocalServer.Standby here, Member primary, Member source)
      throws NodeServerException {
    return data.compare(here.exhausted() ? here : withAllReceived(here), primary, source);
  }

  /** PostgreSQL does not tell what was received before its start, or of a later timeline. */
  private LocalServer.Standby withAllReceived(LocalServer.Standby here) throws NodeServerException {
    try {
      ReceivedWal received =
          ReceivedWal.of(server.data().path(), here.timeline(), here.flushed().value());
      return new LocalServer.Standby(
          here.systemIdentifier(),
          received.timeline(),
          new Lsn(received.end()),
          here.upstream(),
          here.receiving(),
          here.exhausted());
    } catch (IOException e) {
      throw new NodeServerException("its WAL can't be read: " + e.getMessage(), e);
    }
  }

  @Override
  public void keepFollowing(Member source) throws NodeServerException {
    if (!configured) {
      follow(source);
    }
  }

  @Override
  public void follow(Member source) throws NodeServerException {
    names = namesAtRest;
    archive.ifPresent(ArchiveStandby::begin);
    upstream = Optional.of(source);
    reconfigure(standbyRole());
  }

  @Override
  public void rewind(Member primary, long systemIdentifier, Consumer<String> progress)
      throws NodeServerException {
    stop(StopMode.FAST, PATIENCE);
    if (!data.rewind(primary, progress)) {
      copyFrom(primary, systemIdentifier, progress);
      return;
    }
    startFollowing(primary);
  }

  @Override
  public void copyFrom(Member source, long systemIdentifier, Consumer<String> progress)
      throws NodeServerException {
    stop(StopMode.IMMEDIATE, PATIENCE);
    ServerCall.run(() -> data.copyFrom(source, systemIdentifier, progress));
    startFollowing(source);
  }

  /** Data that was just rewound needs WAL of its source to be consistent. */
  private void startFollowing(Member source) throws NodeServerException {
    names = namesAtRest;
    upstream = Optional.of(source);
    start(standbyRole());
    data.complete();
  }

  @Override
  public Set<NodeName> prepareToStop() throws NodeServerException {
    return desk.prepareToStop();
  }

  @Override
  public void drain() throws NodeServerException {
    desk.drain();
  }

  @Override
  public void stopCleanly() throws NodeServerException {
    stop(StopMode.FAST, PATIENCE);
  }

  @Override
  public void stopAtOnce() throws NodeServerException {
    ServerCall.run(() -> server.stopAtOnce(STOP_PATIENCE));
  }

  private void stop(StopMode mode, Duration patience) throws NodeServerException {
    ServerCall.run(() -> server.stop(mode, patience));
  }

  @Override
  public SyncSet names() throws NodeServerException {
    SyncNames told = desk.names();
    archive.ifPresent(one -> one.resume(told.archives()));
    names = told.nodes();
    return names;
  }

  @Override
  public void setNames(SyncSet next) throws NodeServerException {
    names = next;
    upstream = Optional.empty();
    reconfigure(new Role.Primary());
  }

  @Override
  public void attendArchive() throws NodeServerException {
    if (archive.isPresent() && archive.get().look(session)) {
      log.info(
          "{}: commits {}",
          place.node().name(),
          archive
              .get()
              .waitedFor()
              .map(one -> "wait for " + one.name())
              .orElse("wait for no archive"));
      reconfigure(new Role.Primary());
    }
  }

  @Override
  public void commitNothing() throws NodeServerException {
    desk.commitNothing();
  }

  @Override
  public Lsn flushed() throws NodeServerException {
    return desk.flushed();
  }

  @Override
  public List<Replica> replicas() throws NodeServerException {
    return desk.replicas();
  }

  @Override
  public void makeSlots(Set<NodeName> standbys) throws NodeServerException {
    desk.makeSlots(standbys);
  }

  @Override
  public void keepSlots(Set<NodeName> standbys, Map<NodeName, Lsn> needed)
      throws NodeServerException {
    desk.keepSlots(standbys, needed);
  }

  @Override
  public void provision() throws NodeServerException {
    provisioning.run();
  }

  private void reconfigure(Role role) throws NodeServerException {
    ServerCall.run(() -> {
      configure(role);
      server.reload();
    });
  }

  private void configure(Role role) {
    sealedWith = null;
    configured = true;
    server.configure(config(role));
    written = settings;
  }

  @Override
  public Optional<Map<String, String>> settings() {
    return Optional.ofNullable(written);
  }

  @Override
  public void useSettings(Map<String, String> wanted, LocalServer here) throws NodeServerException {
    settings = Map.copyOf(wanted);
    switch (here) {
      case LocalServer.Primary _ -> {
        names();
        reconfigure(new Role.Primary());
      }
      case LocalServer.Standby standby -> {
        // An agent that has just begun does not know the way upstream; keepFollowing() tells it.
        if (configured) {
          reconfigure(standbyRole());
        }
      }
      case LocalServer.Absent _, LocalServer.Stopped _, LocalServer.Silent _ -> {}
    }
  }

  @Override
  public Optional<Refusal> refusal(Map<String, String> wanted) {
    try {
      server.check(wanted);
      return Optional.empty();
    } catch (ServerException e) {
      return Optional.of(new Refusal(String.valueOf(e.getMessage()), e.remedy()));
    }
  }

  private Role standbyRole() {
    return new Role.Standby(
        upstream.map(source ->
            new Upstream(
                source.host(),
                source.port(),
                Accounts.REPLICATION,
                place.wanted().accounts().replicationPassword(),
                place.node().name().value(),
                Optional.of(PrimaryDesk.slotOf(place.node().name())))));
  }

  private ServerConfig config(Role role) {
    Map<String, String> own = new HashMap<>(place.archiving());
    own.put(
        "synchronous_standby_names",
        SyncNames.write(names, archive.flatMap(ArchiveStandby::waitedFor)));
    own.put("synchronous_commit", "on");
    if (place.node().delayed()) {
      own.put("recovery_min_apply_delay", place.node().delay().toMillis() + "ms");
      // What is read here is old by as much, and vacuum must not wait for that on the primary.
      own.put("hot_standby_feedback", "off");
    }
    return place.config(settings).withRole(role).withOwnSettings(own);
  }

  @Override
  public void disconnect() {
    unwatch();
    session.close();
    replication.close();
  }
}
