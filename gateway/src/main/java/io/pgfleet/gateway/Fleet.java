package io.pgfleet.gateway;

import io.pgfleet.gateway.auth.LoginLimits;
import io.pgfleet.gateway.login.KeyRing;
import io.pgfleet.gateway.login.Verifiers;
import io.pgfleet.gateway.observe.EventLog;
import io.pgfleet.gateway.observe.ObserveSettings;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.gateway.topology.TopologySource;
import java.security.SecureRandom;
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
  /** Replaced as a whole by a reload. */
  volatile GatewaySettings settings;

  final TopologySource servers;
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

  /** Lines for people to read. */
  final EventLog events = new EventLog();

  private final AtomicLong ids = new AtomicLong();
  private volatile ObserveSettings observe;
  private final ConcurrentHashMap<Integer, ClientLink> byProcess = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();
  private volatile boolean paused;

  Fleet(
      GatewaySettings settings,
      TopologySource servers,
      Verifiers verifiers,
      AccessFiles access,
      LongSupplier ticker) {
    this.settings = settings;
    this.observe = settings.observe();
    this.servers = servers;
    this.verifiers = verifiers;
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

  boolean paused() {
    return paused;
  }

  void pause(boolean on) {
    paused = on;
  }

  Topology topology() {
    return servers.current();
  }

  Optional<Primary> primary() {
    return servers.current().primary();
  }
}
