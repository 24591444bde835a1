package io.pgfleet.agent.sim;

import io.pgfleet.agent.Agent;
import io.pgfleet.agent.AgentSettings;
import io.pgfleet.agent.Assent;
import io.pgfleet.agent.AssentRequest;
import io.pgfleet.agent.LeaseGuard;
import io.pgfleet.agent.Mandate;
import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.PromiseMemory;
import io.pgfleet.agent.Promises;
import io.pgfleet.agent.WriteGate;
import io.pgfleet.agent.decide.SyncGoal;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementUnavailableException;
import io.pgfleet.consensus.MemoryAgreement;
import io.pgfleet.consensus.MemoryConsensus;
import io.pgfleet.consensus.Surroundings;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A node: a server, and beside it an agent's process with the threads of AgentLoop, one that makes
 * rounds with the real {@link Agent} and one that guards the lease.
 */
final class SimNode {
  private static final long TICK = Duration.ofMillis(500).toNanos();
  private static final long AFTER_FAILURE = Duration.ofSeconds(1).toNanos();
  private static final long GUARD = Duration.ofMillis(100).toNanos();

  /** Enough to fail to open a session, and to look. */
  private static final long TO_BEGIN = Duration.ofSeconds(10).toNanos();

  /** One life of the agent's process. */
  private final class AgentProcess implements Surroundings {
    private final Strand strand = new Strand(this::loop);
    private final ServerHands hands =
        new ServerHands(
            world,
            SimNode.this,
            SyncGoal.of(settings.group(), name).atRest(),
            replication,
            network,
            checks);
    private final LeaseGuard leaseGuard = new LeaseGuard();
    private final Promises promises =
        new Promises(
            name,
            settings.group().name(),
            settings.promise(),
            checks.has(Flaw.PROMISE_FORGOTTEN) ? PromiseMemory.NONE : memory,
            this);
    private final Mandate mandate = new Mandate(settings, this::ask, promises, this);
    private final Deque<Runnable> whenThawed = new ArrayDeque<>();
    private boolean frozen;
    private boolean wasSuspended;
    private boolean resting;
    private boolean woken;
    private long turn;

    private boolean outlivesLease() {
      wasSuspended |= leaseGuard.isSuspended();
      return checks.has(Flaw.GUARD_LEFT_SUSPENDED) ? wasSuspended : leaseGuard.isSuspended();
    }

    private void loop() {
      while (true) {
        try (Agreement current = MemoryAgreement.open(consensus, this)) {
          mandate.begins(current.session());
          session(current);
        } catch (AgreementUnavailableException e) {
          observe();
          rest(AFTER_FAILURE);
        } finally {
          endSession();
        }
      }
    }

    private void endSession() {
      if (!mandate.ended()) {
        stop("the lease went with the session");
      }
    }

    private void stop(String why) {
      if (hands.mayWrite() && !outlivesLease() && !checks.has(Flaw.LEASE_UNGUARDED)) {
        server.die(why);
      }
    }

    /** As AgentLoop does, so that the guard knows a server that ran before this process. */
    private void observe() {
      try {
        hands.look();
      } catch (NodeServerException e) {
        world.tell(() -> name + " can't look: " + e.getMessage());
      }
    }

    private void session(Agreement current) {
      GroupStore store = new GroupStore(current, settings.group().name());
      Agent agent =
          new Agent(
              settings, hands, store, current.session(), this, WriteGate.OPEN, leaseGuard, mandate);
      while (!current.session().lost()) {
        woken = false;
        rest(rounds(agent));
      }
    }

    private long rounds(Agent agent) {
      try {
        while (agent.round()) {
          pause(world.millis(0, 1));
        }
        return TICK;
      } catch (NodeServerException e) {
        world.tell(() -> name + " fails: " + e.getMessage());
        return AFTER_FAILURE;
      } catch (AgreementUnavailableException e) {
        world.tell(() -> name + " fails: " + e.getMessage());
        return TICK;
      }
    }

    private void rest(long nanos) {
      if (!woken) {
        resting = true;
        pause(nanos);
        resting = false;
      }
    }

    void wake() {
      woken = true;
      if (resting) {
        continueWith(turn);
      }
    }

    @Override
    public void pause(long nanos) {
      long mine = ++turn;
      world.after(nanos, () -> continueWith(mine));
      strand.pause();
    }

    private void continueWith(long mine) {
      if (process != this || mine != turn) {
        return;
      }
      if (frozen) {
        whenThawed.add(() -> continueWith(mine));
      } else {
        turn++;
        strand.resume();
      }
    }

    void guard() {
      if (process != this) {
        return;
      }
      if (!frozen) {
        guardLease();
      }
      world.after(GUARD, this::guard);
    }

    private void guardLease() {
      mandate.tick(hands.mayWrite());
      if (!mandate.certain()) {
        stop("the lease is no longer certain");
      }
    }

    /** A question on its way to another node, and the answer on its way back. */
    private void ask(NodeName node, AssentRequest request, Consumer<Assent> answered) {
      if (checks.has(Flaw.ASSENT_OF_FEW) && world.oneIn(2)) {
        answered.accept(new Assent(true, ""));
        return;
      }
      AssentRequest sent =
          checks.has(Flaw.PROMISE_CUT_SHORT)
              ? new AssentRequest(
                  request.group(), request.from(), request.term(), request.length().dividedBy(8))
              : request;
      travel(
          name, node, () -> checks.node(node).hear(sent, assent -> back(node, assent, answered)));
    }

    private void back(NodeName from, Assent assent, Consumer<Assent> answered) {
      travel(from, name, () -> whenAwake(() -> answered.accept(assent)));
    }

    private void travel(NodeName from, NodeName to, Runnable arrives) {
      if (network.passes(from, to) && !world.oneIn(losesOneIn)) {
        world.after(network.delay(from, to), arrives);
      }
    }

    private void whenAwake(Runnable what) {
      if (process == this) {
        if (frozen) {
          whenThawed.add(() -> whenAwake(what));
        } else {
          what.run();
        }
      }
    }

    private void answer(AssentRequest request, Consumer<Assent> answered) {
      whenAwake(() ->
          answered.accept(
              checks.has(Flaw.PROMISE_AFTER_VOTE)
                  ? new Assent(true, "")
                  : promises.answer(request)));
    }

    void thaw() {
      frozen = false;
      thawedAt = world.nanos();
      if (world.random().nextBoolean()) {
        guardLease();
      }
      List<Runnable> waiting = List.copyOf(whenThawed);
      whenThawed.clear();
      waiting.forEach(what -> world.after(0, what));
    }

    @Override
    public Random random() {
      return world.random();
    }

    @Override
    public void after(long nanos, Runnable what) {
      world.after(nanos, what);
    }

    @Override
    public int losesOneIn() {
      return losesOneIn;
    }

    @Override
    public boolean reachable() {
      return network.reachesConsensus(name);
    }

    @Override
    public boolean awake() {
      return alive() && !frozen;
    }

    @Override
    public boolean alive() {
      return process == this;
    }

    @Override
    public long nanos() {
      return world.nanos();
    }
  }

  /** What outlives the agent's process. */
  private static final class Memory implements PromiseMemory {
    private Duration promised = Duration.ZERO;

    @Override
    public Duration promised() {
      return promised;
    }

    @Override
    public void note(Duration longest) {
      promised = longest;
    }
  }

  private final World world;
  private final AgentSettings settings;
  private final NodeName name;
  private final MemoryConsensus consensus;
  private final Network network;
  private final Replication replication;
  private final Checks checks;
  private final SimServer server;
  private final PromiseMemory memory = new Memory();
  private @Nullable AgentProcess process;
  private int failsOneIn;
  private int losesOneIn;
  private int mistakenOneIn = 2_000;
  private boolean wakes;
  private long startedAt;
  private long thawedAt;

  SimNode(
      World world,
      AgentSettings settings,
      MemoryConsensus consensus,
      Network network,
      Replication replication,
      Checks checks) {
    this.world = world;
    this.settings = settings;
    this.name = settings.node().name();
    this.consensus = consensus;
    this.network = network;
    this.replication = replication;
    this.checks = checks;
    this.failsOneIn = world.oneIn(3) ? 50 : 500;
    this.losesOneIn = world.oneIn(4) ? 8 : world.oneIn(2) ? 50 : 500;
    this.server = new SimServer(world, name, checks, replication);
    replication.add(server);
    server.whenGone(this::wakeSoon);
  }

  NodeName name() {
    return name;
  }

  SimServer server() {
    return server;
  }

  int failsOneIn() {
    return failsOneIn;
  }

  /** How often a server that lives is taken for one that hangs. */
  int mistakenOneIn() {
    return mistakenOneIn;
  }

  void stopFailing() {
    failsOneIn = Integer.MAX_VALUE;
    losesOneIn = Integer.MAX_VALUE;
    mistakenOneIn = Integer.MAX_VALUE;
  }

  /** Whether its agent is there and awake, and has had the time to stop a server. */
  boolean isGuarded() {
    AgentProcess current = process;
    return current != null
        && !current.frozen
        && world.nanos() - startedAt > TO_BEGIN
        && world.nanos() - thawedAt > 3 * GUARD;
  }

  /** A question of another node's agent arrives. */
  private void hear(AssentRequest request, Consumer<Assent> answered) {
    AgentProcess current = process;
    if (current != null) {
      current.answer(request, answered);
    }
  }

  void pause(long nanos) {
    AgentProcess current = process;
    if (current == null) {
      throw new Strand.Killed();
    }
    current.pause(nanos);
  }

  void startAgent() {
    if (process == null) {
      world.tell(() -> name + " agent starts");
      startedAt = world.nanos();
      AgentProcess fresh = new AgentProcess();
      process = fresh;
      world.after(world.millis(100, 300), () -> fresh.continueWith(0));
      world.after(world.random().nextLong(GUARD), fresh::guard);
    }
  }

  void killAgent() {
    AgentProcess current = process;
    if (current != null) {
      world.tell(() -> name + " agent is killed");
      process = null;
      current.strand.kill();
    }
  }

  void freezeAgent() {
    if (process != null) {
      world.tell(() -> name + " agent freezes");
      process.frozen = true;
    }
  }

  void thawAgent() {
    if (process != null && process.frozen) {
      world.tell(() -> name + " agent thaws");
      process.thaw();
    }
  }

  /** Something has changed; changes that follow each other quickly share a wake. */
  void wakeSoon() {
    if (!wakes) {
      wakes = true;
      world.after(
          world.oneIn(10) ? world.millis(0, 500) : world.millis(0, 20),
          () -> {
            wakes = false;
            wake();
          });
    }
  }

  private void wake() {
    AgentProcess current = process;
    if (current != null && !current.frozen && network.reachesConsensus(name)) {
      current.wake();
    }
  }
}
