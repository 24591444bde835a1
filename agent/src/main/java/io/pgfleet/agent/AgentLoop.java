package io.pgfleet.agent;

import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementException;
import io.pgfleet.consensus.AgreementUnavailableException;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.Watch;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a node's agent: one thread that makes rounds when something changed and now and then, one
 * that guards the lease, and a new session whenever the old one has ended.
 *
 * <p>Closing it leaves the server as it is, running or not.
 */
public final class AgentLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AgentLoop.class);
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration OUT_OF_THE_WAY = Duration.ofMillis(100);
  private static final Duration GUARD = Duration.ofMillis(100);

  private final AgentSettings settings;
  private final NodeServer server;
  private final Supplier<Agreement> agreements;
  private final Ticker ticker;
  private final WriteGate gate;
  private final OutsideGuard outside;
  private final Mandate mandate;
  private final ScheduledMoves scheduled;
  private final SettingsTrials trials;
  private final LeaseGuard leaseGuard;
  private final Semaphore wake = new Semaphore(0);
  private final CountDownLatch introduced = new CountDownLatch(1);
  private final Thread rounds;
  private final Thread guard;
  private volatile @Nullable Agreement agreement;
  private volatile @Nullable Agent agent;
  private volatile @Nullable String trouble;
  private volatile boolean closed;
  private volatile boolean stopping;

  /**
   * An agent that has not begun.
   *
   * @param agreements opens a new session each time it is asked
   * @param outside stops the server if this process can't
   * @param peers the way to the other nodes' agents
   * @param memory of what this agent promised those
   */
  public AgentLoop(
      AgentSettings settings,
      NodeServer server,
      Supplier<Agreement> agreements,
      Ticker ticker,
      WriteGate gate,
      OutsideGuard outside,
      Peers peers,
      PromiseMemory memory) {
    this.settings = settings;
    this.server = server;
    this.agreements = agreements;
    this.ticker = ticker;
    this.gate = gate;
    this.outside = outside;
    this.leaseGuard = new LeaseGuard(outside);
    Promises promises =
        new Promises(settings.name(), settings.group().name(), settings.promise(), memory, ticker);
    this.mandate = new Mandate(settings, peers, promises, ticker);
    this.scheduled = new ScheduledMoves(settings.name(), settings.group(), InstantSource.system());
    this.trials = new SettingsTrials(server);
    server.onGone(this::wake);
    this.rounds = Thread.ofPlatform().name("agent-" + settings.name()).unstarted(this::run);
    this.guard =
        Thread.ofPlatform().daemon().name("guard-" + settings.name()).unstarted(this::guardLease);
  }

  /** Begins. */
  public void start() {
    rounds.start();
    guard.start();
  }

  /** Asks for a round now: something has happened. */
  public void wake() {
    wake.release();
  }

  /** Waits until what others read about this node is its own word, not an earlier life's. */
  public void awaitIntroduction() throws InterruptedException {
    introduced.await();
  }

  /** What keeps the agent from its work, one sentence; null if nothing does. */
  public @Nullable String trouble() {
    return trouble;
  }

  /** Whether its server may be accepting writes, as far as was seen last. Any thread may ask. */
  public boolean mayWrite() {
    return server.mayWrite();
  }

  /** What the node is at this moment, for checks from outside. Any thread may ask. */
  public Standing standing() {
    Agent current = agent;
    Agreement connection = agreement;
    return current == null
        ? Standing.UNKNOWN
        : new Standing(
            current.leads() || (leaseGuard.isSuspended() && server.mayWrite()),
            connection != null && !connection.session().remaining().isZero(),
            Optional.ofNullable(current.seen()),
            Duration.ofNanos(Math.max(0, ticker.nanos() - current.pulse())));
  }

  /** Answers the agent of a primary that can't reach the consensus servers. Any thread may ask. */
  public Assent answer(AssentRequest request) {
    return mandate.promises().answer(request);
  }

  private void run() {
    while (!closed) {
      try (Agreement current = agreements.get()) {
        agreement = current;
        mandate.begins(current.session());
        session(current);
      } catch (AgreementUnavailableException e) {
        failed("no answer from the consensus servers: " + e.getMessage(), e);
        observe();
        rest(AFTER_FAILURE);
      } catch (RuntimeException e) {
        failed("unexpected failure: " + e, e);
        rest(AFTER_FAILURE);
      } finally {
        agreement = null;
        endSession();
      }
    }
    server.disconnect();
  }

  /** The lease went with the session; a primary goes on if nobody can be elected in its place. */
  private void endSession() {
    boolean goesOn = mandate.ended();
    if (!goesOn && !closed && server.mayWrite() && !leaseGuard.isSuspended()) {
      stopForCertainty();
    }
  }

  /** Without a session there are no rounds; the guard still has to know what runs here. */
  private void observe() {
    try {
      LocalServer seen = server.look();
      log.debug("{}: sees {}", settings.name(), seen);
    } catch (NodeServerException e) {
      log.debug("{}: can't look at its server", settings.name(), e);
    }
  }

  /** Makes rounds until the session ends. */
  private void session(Agreement current) {
    GroupStore store = new GroupStore(current, settings.group().name());
    Agent fresh =
        new Agent(settings, server, store, current.session(), ticker, gate, leaseGuard, mandate);
    agent = fresh;
    try (Watch _ = store.watch(this::wake)) {
      fresh.introduce();
      introduced.countDown();
      while (!closed && !current.session().lost()) {
        wake.drainPermits();
        Duration pause = rounds(fresh, store);
        if (fresh.yielding()) {
          keepOutOfTheWay();
        }
        rest(pause);
      }
    }
  }

  /** Rounds until there is nothing more to do now; how long to rest then. */
  private Duration rounds(Agent agent, GroupStore store) {
    try {
      while (agent.round() && !closed) {
        // There is more to do at once.
      }
      GroupView seen = agent.seen();
      if (agent.leads() && seen != null) {
        scheduled.round(store, seen);
        trials.round(store);
      }
      trouble = null;
      return TICK;
    } catch (NodeServerException e) {
      failed(String.valueOf(e.getMessage()), e);
      tell(agent, String.valueOf(e.getMessage()));
      return AFTER_FAILURE;
    } catch (AgreementUnavailableException e) {
      failed("no answer from the consensus servers: " + e.getMessage(), e);
      return TICK;
    }
  }

  /** Operators of other hosts, who do not see {@link #trouble}, read it in the agreed state. */
  private static void tell(Agent agent, String trouble) {
    try {
      agent.tell(trouble);
    } catch (AgreementException e) {
      log.debug("the trouble can't be told", e);
    }
  }

  private void failed(String what, Exception cause) {
    if (!what.equals(trouble)) {
      log.warn("{}: {}", settings.name(), what);
      log.debug("{}: the cause", settings.name(), cause);
    }
    trouble = what;
  }

  /** An election is made of many changes, and who has just given way has no part in it. */
  private void keepOutOfTheWay() {
    if (!closed) {
      LockSupport.parkNanos(OUT_OF_THE_WAY.toNanos());
    }
  }

  private void rest(Duration pause) {
    try {
      boolean woken = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      log.trace("woken: {}", woken);
    } catch (InterruptedException e) {
      closed = true;
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Stops a server that may accept writes as soon as its mandate is no longer certain. It runs
   * beside the rounds, because a round may wait for a server that hangs, and looks at the clock
   * first after every sleep, because the whole process may have been frozen.
   */
  private void guardLease() {
    while (!closed) {
      try {
        Thread.sleep(GUARD);
      } catch (InterruptedException e) {
        return;
      }
      try {
        guardOnce();
      } catch (RuntimeException | OutOfMemoryError e) {
        // Whatever it is, the guard has to go on.
        log.error("{}: the guard of the lease met a failure", settings.name(), e);
      }
    }
  }

  private void guardOnce() {
    boolean mayWrite = server.mayWrite();
    mandate.tick(mayWrite);
    long word = mandate.wordUntil(mayWrite);
    if (leaseGuard.isSuspended()) {
      outside.release();
    } else if (ticker.nanos() - word < 0) {
      outside.certainUntil(word, ticker);
    }
    if (!mandate.certain() && !closed && server.mayWrite() && !leaseGuard.isSuspended()) {
      stopForCertainty();
    }
  }

  /** Tried again ten times a second until the server is gone, and said once. */
  private void stopForCertainty() {
    if (!stopping) {
      stopping = true;
      log.error(
          "{}: the lease is no longer certain, and not enough other agents promise to wait, so its"
              + " server is stopped",
          settings.name());
    }
    try {
      server.stopAtOnce();
      stopping = false;
    } catch (NodeServerException e) {
      failed("the server could not be stopped: " + e.getMessage(), e);
    }
  }

  /** Begins no round more; {@link #close} waits for the one that is under way. */
  public void retire() {
    closed = true;
    wake.release();
    guard.interrupt();
  }

  /** Ends the agent and its session; the server stays as it is. */
  @Override
  public void close() {
    retire();
    boolean interrupted = false;
    while (rounds.isAlive()) {
      try {
        rounds.join();
      } catch (InterruptedException e) {
        interrupted = true;
        rounds.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
