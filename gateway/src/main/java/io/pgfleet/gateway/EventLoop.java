package io.pgfleet.gateway;

import io.pgfleet.gateway.observe.Ledger;
import io.pgfleet.gateway.observe.Route;
import io.pgfleet.gateway.poll.Poller;
import io.pgfleet.gateway.poll.Watched;
import io.pgfleet.gateway.statement.ByteKey;
import io.pgfleet.gateway.statement.StatementCatalog;
import io.pgfleet.gateway.statement.TextScan;
import io.pgfleet.gateway.tls.TlsBuffers;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.transport.Tuning;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with one selector, its clients and its servers. Everything here but {@link #post} is
 * for that thread alone.
 */
final class EventLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
  private static final int BUFFER_SIZE = 64 << 10;
  private static final int SMALL_BUFFER = 512;
  private static final long TICK = 100_000_000L;
  private static final int PARAMETER_SETS = 1_000;

  private record Timer(long at, Runnable task) {}

  final Fleet fleet;
  final int index;
  final Counters counters = new Counters();
  final Ledger ledger = new Ledger();
  final ByteBuffer readBuffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
  final ByteBuffer smallBuffer = ByteBuffer.allocateDirect(SMALL_BUFFER);
  final Gather toServer = new Gather(BUFFER_SIZE);
  final Gather toClient = new Gather(BUFFER_SIZE);

  /** Takes what nobody is to get. */
  final Gather nowhere = new Gather(4 << 10);

  final TlsBuffers tlsBuffers = new TlsBuffers();
  final TextScan scan = new TextScan();
  final RefusedShapes refused = new RefusedShapes();
  final ByteKey probe = new ByteKey();
  final StatementCatalog catalog;
  final ByteKey textProbe = new ByteKey();
  final Wheel wheel;

  private final Poller<Endpoint> poller;
  private final Thread thread;
  private final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>((a, b) -> Long.signum(a.at() - b.at()));
  private final Set<ClientLink> clients = new LinkedHashSet<>();
  private final Map<PoolKey, Pool> pools = new HashMap<>();
  private long now;
  private final Map<SessionParameters, SessionParameters> parameterSets = new HashMap<>();
  private boolean clockRead;
  private long slowQuery = Long.MAX_VALUE;
  private long heldBytes;
  private boolean crowded;
  private boolean stopped;

  EventLoop(Fleet fleet, int index) throws IOException {
    this.fleet = fleet;
    this.index = index;
    this.poller = Poller.open();
    this.now = fleet.ticker.getAsLong();
    this.catalog = fleet.catalog;
    this.wheel = new Wheel(TICK, now);
    this.thread = Thread.ofPlatform().name("gateway-" + index).daemon().unstarted(this);
  }

  void start() {
    thread.start();
  }

  /** Runs a task on the loop's thread; from any thread. */
  void post(Runnable task) {
    posted.add(task);
    poller.wakeUp();
  }

  /** Runs a task on the loop's thread and gives its result. */
  <T> CompletableFuture<T> ask(Supplier<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    post(() -> {
      try {
        result.complete(task.get());
      } catch (RuntimeException e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  /** Runs a task once the bytes at hand are dealt with. */
  void defer(Runnable task) {
    deferred.add(task);
  }

  /** Runs a task after some nanoseconds. */
  void later(long nanoseconds, Runnable task) {
    timers.add(new Timer(now + nanoseconds, task));
  }

  /** From how many nanoseconds on a statement is slow. */
  long slowQuery() {
    return slowQuery;
  }

  /** The fleet's settings of what is watched have changed. */
  void observeChanged() {
    slowQuery = fleet.observe().slowQuery().map(Duration::toNanos).orElse(Long.MAX_VALUE);
  }

  /** Now, as of the last time the selector returned, in nanoseconds. */
  long now() {
    return now;
  }

  Watched register(SelectableChannel channel, int operations, Endpoint endpoint)
      throws IOException {
    return poller.register(channel, operations, endpoint);
  }

  @Override
  public void run() {
    later(TICK, this::tick);
    while (!stopped) {
      try {
        turn();
      } catch (IOException | UncheckedIOException e) {
        LOG.error("Gateway loop {} can't wait for its sockets: {}", index, e.getMessage());
        stopped = true;
      }
    }
    for (Endpoint endpoint : poller.attachments()) {
      close(endpoint, "the gateway ends");
    }
    runDeferred();
    poller.close();
  }

  private void turn() throws IOException {
    Timer first = timers.peek();
    long wait = first == null ? 0 : Math.max(1, (first.at() - now) / 1_000_000 + 1);
    clockRead = false;
    poller.await(posted.isEmpty() ? wait : 0, this::dispatch);
    now = fleet.ticker.getAsLong();
    for (Runnable task = posted.poll(); task != null; task = posted.poll()) {
      guarded(task);
    }
    for (Timer due = timers.peek(); due != null && due.at() - now <= 0; due = timers.peek()) {
      timers.poll();
      guarded(due.task());
    }
  }

  private void dispatch(Endpoint endpoint, int operations) {
    if (!clockRead) {
      // once for all sockets that are ready: the time of the wait belongs to none of them
      clockRead = true;
      now = fleet.ticker.getAsLong();
    }
    try {
      endpoint.ready(operations);
    } catch (RuntimeException e) {
      failed(endpoint, e);
    }
    if (!deferred.isEmpty()) {
      runDeferred();
    }
  }

  /** A fault of ours costs the connection it showed on, never the loop. */
  private void failed(Endpoint endpoint, RuntimeException e) {
    LOG.error("A fault in the gateway ended one connection", e);
    if (endpoint instanceof Listener) {
      LOG.error("The fault was in accepting clients; going on");
    } else {
      close(endpoint, "a fault in the gateway");
    }
  }

  private void close(Endpoint endpoint, String why) {
    switch (endpoint) {
      case ClientLink client -> defer(client::close);
      case ServerLink server -> defer(() -> server.lost(why));
      case CancelRelay relay -> defer(relay::close);
      case Listener listener -> defer(listener::close);
    }
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("A fault in a task of the gateway", e);
    }
    runDeferred();
  }

  private void runDeferred() {
    for (Runnable task = deferred.poll(); task != null; task = deferred.poll()) {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.error("A fault in a task of the gateway", e);
      }
    }
  }

  /** Looks for what has taken too long. */
  private void tick() {
    later(TICK, this::tick);
    for (Pool pool : List.copyOf(pools.values())) {
      pool.tick();
      if (pool.isUnused()) {
        pools.remove(pool.key());
        pool.drop();
      }
    }
    wheel.turn(now);
    fleet.listenersOf(this).forEach(SharedListener::tick);
    if (crowded && !isCrowded()) {
      crowded = false;
      List.copyOf(clients).forEach(ClientLink::roomAgain);
    }
  }

  void admit(SocketChannel channel) {
    try {
      channel.configureBlocking(false);
      Tuning.apply(channel, fleet.access.current().settings().keepAlive());
      clients.add(new ClientLink(this, channel));
    } catch (IOException e) {
      fleet.sockets.decrementAndGet();
      closeQuietly(channel);
    }
  }

  void removed(ClientLink client) {
    if (clients.remove(client)) {
      fleet.sockets.decrementAndGet();
    }
  }

  Pool pool(PoolKey key) {
    return pools.computeIfAbsent(key, absent -> new Pool(this, absent));
  }

  /** The settings may be others. */
  void settingsChanged() {
    observeChanged();
    List.copyOf(pools.values()).forEach(Pool::settingsChanged);
  }

  /** Tells clients between transactions that the gateway ends. */
  void closeIdle() {
    for (ClientLink client : List.copyOf(clients)) {
      if (!client.seen.running() && !client.waits) {
        client.fatal(Reports.shutDown());
        client.close();
      }
    }
  }

  Set<ClientLink> clients() {
    return clients;
  }

  /** All pools, those of standbys included. */
  List<Pool> pools() {
    List<Pool> all = new ArrayList<>();
    pools.values().forEach(pool -> pool.addTo(all));
    return all;
  }

  /**
   * The one object for all sessions with the same parameters, so that the usual case, a server that
   * has them already, is seen at once.
   */
  SessionParameters canonical(SessionParameters parameters) {
    if (parameterSets.size() >= PARAMETER_SETS) {
      parameterSets.clear();
    }
    SessionParameters known = parameterSets.putIfAbsent(parameters, parameters);
    return known == null ? parameters : known;
  }

  /** The primary or standbys may be others, or holding may have ended. */
  void topologyChanged() {
    for (Pool pool : List.copyOf(pools.values())) {
      pool.topologyChanged();
    }
    fleet.listenersOf(this).forEach(SharedListener::topologyChanged);
    for (ClientLink client : List.copyOf(clients)) {
      client.resumed();
    }
  }

  /** A standby does not answer any more. */
  void standbyLost(Standby standby) {
    for (Pool pool : List.copyOf(pools.values())) {
      Pool reads = pool.reads.on(standby.node());
      if (reads != null) {
        reads.suspected();
      }
    }
  }

  /** Counts bytes that waiting clients hold, by a difference. */
  void held(long difference) {
    heldBytes += difference;
  }

  /** Clients that would have to wait are not read from, but for a first few bytes. */
  boolean isCrowded() {
    boolean now = heldBytes >= fleet.settings.maxHeldBytes() / fleet.settings.loops();
    crowded |= now;
    return now;
  }

  /** An idle server of another pool makes room when the server refuses more connections. */
  void makeRoom(Pool needy) {
    if (closeOneIdleFor(needy)) {
      return;
    }
    for (EventLoop other : fleet.loops()) {
      if (other != this) {
        other.post(() -> other.closeOneIdleFor(needy));
      }
    }
  }

  private boolean closeOneIdleFor(Pool needy) {
    for (Pool pool : pools.values()) {
      if (pool.closeOneIdleFor(needy)) {
        return true;
      }
    }
    return false;
  }

  /** Clients in the midst of a transaction or statement. */
  int running() {
    int running = 0;
    for (ClientLink client : clients) {
      if (client.seen.running()) {
        running++;
      }
    }
    return running;
  }

  /** Requests that servers of a kind have answered. */
  long requests(Route route) {
    return ledger.copy().values().stream()
        .mapToLong(figures -> figures.queries(route).count())
        .sum();
  }

  LoopStatus status() {
    int loggedIn = 0;
    int active = 0;
    int waiting = 0;
    List<GatewayStatus.PinnedClient> pinned = new ArrayList<>();
    for (ClientLink client : clients) {
      loggedIn += client.loggedIn ? 1 : 0;
      active += client.server() != null ? 1 : 0;
      waiting += client.waits ? 1 : 0;
      client.seen.pinned().ifPresent(pinned::add);
    }
    List<GatewayStatus.PoolStatus> poolStatus = new ArrayList<>();
    List<Pool> all = new ArrayList<>();
    pools.values().forEach(pool -> pool.addTo(all));
    all.forEach(pool -> poolStatus.add(GatewayStatus.PoolStatus.of(pool)));
    return new LoopStatus(
        loggedIn, active, waiting, heldBytes, pinned, poolStatus, counters.totals());
  }

  record LoopStatus(
      int clients,
      int active,
      int waiting,
      long heldBytes,
      List<GatewayStatus.PinnedClient> pinned,
      List<GatewayStatus.PoolStatus> pools,
      GatewayStatus.Totals totals) {}

  /** Tells every client that the gateway ends, and ends the loop. */
  void stop() {
    for (ClientLink client : List.copyOf(clients)) {
      client.fatal(Reports.shutDown());
      client.close();
    }
    for (Pool pool : pools.values()) {
      pool.closeAll();
    }
    fleet.listenersOf(this).forEach(SharedListener::close);
    stopped = true;
  }

  void join() throws InterruptedException {
    thread.join();
  }

  static void closeQuietly(java.io.Closeable channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("Closing a socket failed: {}", e.getMessage());
    }
  }
}
