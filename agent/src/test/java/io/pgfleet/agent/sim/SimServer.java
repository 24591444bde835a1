package io.pgfleet.agent.sim;

import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server as far as failover can tell: WAL on disk, recovery and promotion, walsenders,
 * commits that wait, and processes that each read a changed configuration in their own time. It
 * goes on by itself, whatever becomes of the agent.
 */
final class SimServer {
  /** What there is of it. */
  enum Run {
    ABSENT,
    STOPPED,
    STARTING,
    RUNNING
  }

  private record Waiting(int position, int record) {}

  private final World world;
  private final NodeName name;
  private final Checks checks;
  private final Replication replication;
  private final Wal wal = new Wal();
  private final BitSet everHeld = new BitSet();
  private final List<Walsender> walsenders = new ArrayList<>();
  private final Deque<Waiting> commits = new ArrayDeque<>();
  private final Deque<Runnable> whenThawed = new ArrayDeque<>();
  private Run run = Run.ABSENT;
  private int life;
  private boolean frozen;
  private long thawedAt;
  private boolean markedStandby;
  private boolean inRecovery;
  private boolean stopping;
  private boolean promoting;
  private int knownTimeline = 1;
  private int replayed;
  private Config file = Config.FIRST;
  private Reader postmaster = new Reader(file);
  private Reader startup = new Reader(file);
  private Reader checkpointer = new Reader(file);
  private Reader session = new Reader(file);
  private @Nullable Walsender receiver;
  private Runnable whenGone = () -> {};

  SimServer(World world, NodeName name, Checks checks, Replication replication) {
    this.world = world;
    this.name = name;
    this.checks = checks;
    this.replication = replication;
  }

  long now() {
    return world.nanos();
  }

  NodeName name() {
    return name;
  }

  Run run() {
    return run;
  }

  int life() {
    return life;
  }

  boolean frozen() {
    return frozen;
  }

  boolean markedStandby() {
    return markedStandby;
  }

  Wal wal() {
    return wal;
  }

  /** Whether it has had a record on disk at any time. */
  boolean everHeld(int record) {
    return everHeld.get(record);
  }

  int replayed() {
    return replayed;
  }

  int knownTimeline() {
    return knownTimeline;
  }

  void learnTimeline(int timeline) {
    knownTimeline = Math.max(knownTimeline, timeline);
  }

  List<Walsender> walsenders() {
    return walsenders;
  }

  @Nullable Walsender receiver() {
    return receiver;
  }

  /** The agent's own session to the server. */
  Reader session() {
    return session;
  }

  Reader startup() {
    return startup;
  }

  Reader checkpointer() {
    return checkpointer;
  }

  boolean answers() {
    return run == Run.RUNNING && !frozen;
  }

  boolean isPrimary() {
    return run == Run.RUNNING && !inRecovery;
  }

  boolean isStandby() {
    return run == Run.RUNNING && inRecovery;
  }

  void whenGone(Runnable listener) {
    whenGone = listener;
  }

  /** Something the server itself does later, if it is the same process still and not frozen. */
  void later(long nanos, Runnable what) {
    int then = life;
    world.after(nanos, () -> inLife(then, what));
  }

  private void inLife(int then, Runnable what) {
    if (life == then) {
      if (frozen) {
        whenThawed.add(() -> inLife(then, what));
      } else {
        what.run();
      }
    }
  }

  // Files.

  void configure(Config wanted, boolean asStandby) {
    file = file.with(wanted.names(), wanted.upstream());
    world.tell(() -> name + " is configured: " + file + (asStandby ? " standby" : " primary"));
    markedStandby = asStandby;
  }

  void initialize() {
    run = Run.STOPPED;
    append(1, checks.newRecord());
  }

  void removeData() {
    run = Run.ABSENT;
    life++;
  }

  void placeData(Wal copied, int timeline) {
    wal.become(copied);
    everHeld.or(copied.held());
    knownTimeline = timeline;
    markedStandby = true;
    run = Run.STOPPED;
  }

  // The process.

  void start(long nanos) {
    if (run != Run.STOPPED) {
      return;
    }
    life++;
    run = Run.STARTING;
    postmaster = new Reader(file);
    startup = new Reader(file);
    checkpointer = new Reader(file);
    session = new Reader(file);
    stopping = false;
    promoting = false;
    inRecovery = markedStandby;
    replayed = Math.max(0, wal.size() - world.random().nextInt(20));
    later(nanos, this::started);
  }

  private void started() {
    run = Run.RUNNING;
    if (inRecovery) {
      later(world.millis(0, 300), this::replayAll);
      replication.connectLater(this);
    } else {
      // The checkpoint at the end of crash recovery.
      append(wal.timeline(), checks.newRecord());
    }
  }

  private void replayAll() {
    replayed = wal.size();
  }

  /**
   * The postmaster reads the file and signals its children; each reads it in its own time, all
   * within what an agent takes for settling.
   */
  void reload() {
    later(
        quick(),
        () -> {
          Config changed = file;
          postmaster.read(changed);
          walsenders.forEach(one -> later(quick(), () -> one.read(changed)));
          later(quick(), () -> checkpointerReads(changed));
          // These two as quickly as each other, within what PostgresNodeServer.seal() waits.
          long asked = quick();
          Reader asking = session;
          later(asked, () -> asking.read(changed));
          later(asked + world.millis(0, 10), () -> startupReads(changed));
        });
  }

  private void checkpointerReads(Config changed) {
    checkpointer.read(changed);
    if (checkpointer.config().names().isEmpty()) {
      acknowledge(wal.size());
    }
  }

  private void startupReads(Config changed) {
    startup.read(changed);
    replication.configured(this);
  }

  private long quick() {
    return world.oneIn(3) ? world.millis(0, 200) : world.millis(0, 5);
  }

  Reader forked() {
    return new Reader(postmaster.config());
  }

  /** A new session of a new agent. */
  void reconnect() {
    session = forked();
  }

  void promote(long nanos) {
    promoting = true;
    later(
        nanos,
        () -> {
          if (inRecovery && promoting) {
            receiver = null;
            int next = Math.max(knownTimeline, wal.timeline()) + 1;
            inRecovery = false;
            markedStandby = false;
            promoting = false;
            append(next, checks.newRecord());
            knownTimeline = next;
            checks.promoted(this, next);
          }
        });
  }

  /** The postmaster and all its processes are gone at once; what is on disk stays. */
  void die(String why) {
    if (run == Run.RUNNING || run == Run.STARTING) {
      world.tell(() -> name + " server dies: " + why);
      life++;
      run = Run.STOPPED;
      commits.clear();
      walsenders.clear();
      receiver = null;
      frozen = false;
      whenThawed.clear();
      whenGone.run();
    }
  }

  void stopTaking() {
    if (!stopping && isPrimary()) {
      stopping = true;
      commits.clear();
      append(wal.timeline(), checks.newRecord());
    }
  }

  void freeze() {
    if (run == Run.RUNNING) {
      frozen = true;
    }
  }

  /** Whether it has been running for long enough that an agent must have looked at it. */
  boolean hadTimeToBeSeen() {
    return world.nanos() - thawedAt > Duration.ofMillis(1500).toNanos();
  }

  void thaw() {
    if (frozen) {
      thawedAt = world.nanos();
    }
    frozen = false;
    Iterator<Runnable> waiting = List.copyOf(whenThawed).iterator();
    whenThawed.clear();
    waiting.forEachRemaining(Runnable::run);
  }

  // WAL.

  private void append(int timeline, int record) {
    wal.append(timeline, record);
    everHeld.set(record);
    checks.grew(this);
  }

  void receive(int position, int[] timelines, int[] records) {
    boolean fits = position <= wal.size();
    for (int i = Math.max(0, wal.size() - position); fits && i < records.length; i++) {
      append(timelines[i], records[i]);
    }
    later(world.millis(0, 30), this::replayAll);
  }

  void connected(@Nullable Walsender connection) {
    receiver = connection;
  }

  /** A client's commit; it is acknowledged when the names in effect are satisfied. */
  void commit() {
    int record = checks.newRecord();
    append(wal.timeline(), record);
    if (checkpointer.config().names().isEmpty() || checks.has(Flaw.NAMES_IGNORED)) {
      checks.acknowledged(this, wal.size(), record);
    } else {
      commits.add(new Waiting(wal.size(), record));
    }
  }

  /** A commit of which nobody is told. */
  void commitLocally() {
    append(wal.timeline(), checks.newRecord());
  }

  boolean takesCommits() {
    return isPrimary() && !frozen && !stopping;
  }

  /** What a walsender does with a reply (PostgreSQL's syncrep.c, SyncRepReleaseWaiters). */
  void release(Walsender replied) {
    var names = replied.config().names();
    if (inRecovery || !names.contains(replied.standby.name())) {
      return;
    }
    int[] flushed =
        walsenders.stream()
            .filter(one -> one.streaming && names.contains(one.standby.name()))
            .mapToInt(one -> one.flushed)
            .sorted()
            .toArray();
    if (flushed.length >= names.acknowledging()) {
      acknowledge(flushed[flushed.length - names.acknowledging()]);
    }
  }

  private void acknowledge(int position) {
    while (!commits.isEmpty() && commits.getFirst().position() <= position) {
      Waiting first = commits.removeFirst();
      checks.acknowledged(this, first.position(), first.record());
    }
  }

  Optional<NodeName> upstreamInEffect() {
    return startup.config().upstream();
  }

  @Override
  public String toString() {
    return name
        + " "
        + run
        + (inRecovery ? " standby" : " primary")
        + (frozen ? " frozen" : "")
        + " "
        + wal.timeline()
        + "/"
        + wal.size()
        + " "
        + session.config()
        + " of "
        + file;
  }
}
