package io.pgfleet.gateway;

import io.pgfleet.gateway.admin.Control;
import io.pgfleet.gateway.auth.LoginLimits;
import io.pgfleet.gateway.login.KeyRing;
import io.pgfleet.gateway.login.Verifiers;
import io.pgfleet.gateway.observe.EventLog;
import io.pgfleet.gateway.observe.ObserveSettings;
import io.pgfleet.gateway.route.PromotionWatch;
import io.pgfleet.gateway.route.ReadMonitor;
import io.pgfleet.gateway.statement.StatementCatalog;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.gateway.topology.Topology;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What all loops of a gateway share. Safe from any thread. */
final class Fleet {
  private static final int CATALOG_SIZE = 10_000;

  /**
   * What a bound is of.
   *
   * @param node a standby; empty for the primary
   * @param database empty for all
   * @param user empty for all
   */
  record RoomKey(String node, String database, String user) {}

  /** Replaced as a whole by a reload. */
  volatile GatewaySettings settings;

  final PromotionWatch servers;
  final ReadMonitor reads;
  private final ConcurrentHashMap<List<String>, AtomicLong> writes = new ConcurrentHashMap<>();
  final Verifiers verifiers;
  final AccessFiles access;
  final LoginLimits limits;
  final KeyRing keys = new KeyRing();

  /** A clock that only grows, in nanoseconds. */
  final LongSupplier ticker;

  /** Runs what takes a login long: the signatures of TLS, hashes of passwords. */
  final ExecutorService handshakes =
      Executors.newFixedThreadPool(
          Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
          Thread.ofPlatform().name("gateway-login-", 0).daemon().factory());

  /** Clients past their start-up packet. */
  final AtomicInteger clients = new AtomicInteger();

  /** Accepted sockets, those in login included. */
  final AtomicInteger sockets = new AtomicInteger();

  /** The statements that clients have prepared. */
  final StatementCatalog catalog = new StatementCatalog(CATALOG_SIZE);

  /** Logins to servers under way. */
  final Room logins = new Room();

  private final ConcurrentHashMap<RoomKey, Room> rooms = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<PoolKey, SharedListener> listeners = new ConcurrentHashMap<>();
  private volatile List<EventLoop> loops = List.of();

  /** Lines for people to read. */
  final EventLog events = new EventLog();

  private final AtomicLong ids = new AtomicLong();
  private volatile ObserveSettings observe = ObserveSettings.NONE;
  private final ConcurrentHashMap<Integer, ClientLink> byProcess = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();

  /** What people have told the gateway to hold back. */
  final Holds holds = new Holds();

  private volatile @Nullable Control control;
  private volatile boolean paused;

  Fleet(
      GatewaySettings settings,
      PromotionWatch servers,
      Verifiers verifiers,
      ReadMonitor reads,
      AccessFiles access,
      LongSupplier ticker) {
    this.settings = settings;
    this.servers = servers;
    this.verifiers = verifiers;
    this.reads = reads;
    this.access = access;
    this.limits = new LoginLimits(ticker);
    this.ticker = ticker;
  }

  /** Gives a client the number that stands for a process id in BackendKeyData. */
  int register(ClientLink client) {
    while (true) {
      int process = random.nextInt(1, Integer.MAX_VALUE);
      if (byProcess.putIfAbsent(process, client) == null) {
        return process;
      }
    }
  }

  void unregister(int process, ClientLink client) {
    byProcess.remove(process, client);
  }

  @Nullable ClientLink byProcess(int process) {
    return byProcess.get(process);
  }

  /** Bytes that nobody can guess. */
  byte[] random(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A number that no other client or server connection has. */
  long nextId() {
    return ids.incrementAndGet();
  }

  ObserveSettings observe() {
    return observe;
  }

  void observe(ObserveSettings changed) {
    observe = changed;
  }

  /** No transaction that may write begins, as the primary moves or the gateway ends. */
  boolean paused() {
    return paused;
  }

  void pause(boolean on) {
    paused = on;
  }

  /** Whether no transaction begins in a database, on a server for reads only or on others. */
  boolean held(String database, boolean reads) {
    return (paused && !reads) || holds.paused(database);
  }

  /** The admin database's hands. */
  Control control() {
    Control hands = control;
    if (hands == null) {
      throw new IllegalStateException("a client came before the gateway had started");
    }
    return hands;
  }

  void control(Control hands) {
    control = hands;
  }

  /** The stamp of the last write of a user in a database; -1 before the first. */
  AtomicLong lastWrite(PoolKey key) {
    return writes.computeIfAbsent(
        List.of(key.database(), key.user()), absent -> new AtomicLong(-1));
  }

  Topology topology() {
    return servers.current();
  }

  /** The standby on a node, or for an empty name the primary; null while there is none. */
  @Nullable Target target(String standby) {
    Topology topology = topology();
    Optional<? extends Target> target =
        standby.isEmpty() ? topology.primary() : topology.standby(standby);
    return target.isPresent() ? target.get() : null;
  }

  Optional<Primary> primary() {
    return servers.current().primary();
  }

  /** Where all pools with the same key share their places. */
  Room room(RoomKey key) {
    return rooms.computeIfAbsent(key, absent -> new Room());
  }

  /** Drops rooms that no pool is in; one that a pool is about to enter may be made twice. */
  void sweepRooms() {
    rooms.values().removeIf(Room::isEmpty);
  }

  /** All loops, once they are there. */
  void loops(List<EventLoop> all) {
    loops = List.copyOf(all);
  }

  List<EventLoop> loops() {
    return loops;
  }

  /** The listener that the clients of a database and user share. */
  SharedListener listener(PoolKey key) {
    PoolKey plain =
        new PoolKey(key.database(), key.user(), Map.of("application_name", "pgfleet listener"));
    return listeners.computeIfAbsent(
        plain,
        absent -> {
          EventLoop loop = loops.get(Math.floorMod(absent.hashCode(), loops.size()));
          return new SharedListener(loop, absent);
        });
  }

  /** The shared listeners that live on a loop. */
  List<SharedListener> listenersOf(EventLoop loop) {
    return listeners.values().stream().filter(listener -> listener.isOn(loop)).toList();
  }

  /** A number of at least 0 and less than 1, for spreading what would else happen at once. */
  double chance() {
    return random.nextDouble();
  }
}
