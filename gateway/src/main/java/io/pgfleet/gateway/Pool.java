package io.pgfleet.gateway;

import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.scram.ScramKeys;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The server connections of one {@link PoolKey} in one loop, and the clients that wait for one,
 * first come first served. Only connections to the primary of the current term are handed out.
 */
final class Pool {
  private static final long RETRY = 100_000_000L;
  private static final long SLOWEST_RETRY = 1_000_000_000L;
  private static final int MAX_LOGIN_FORMS = 100;

  private final EventLoop loop;
  private final PoolKey key;
  private final int size;
  final PoolSettings settings;
  final Figures figures;
  private final ArrayDeque<ServerLink> idle = new ArrayDeque<>();
  private final Set<ServerLink> servers = new HashSet<>();
  private final ArrayDeque<ClientLink> waiting = new ArrayDeque<>();
  private final Map<Map<String, String>, SessionParameters> loginForms = new HashMap<>();
  private @Nullable ScramKeys keys;
  private @Nullable SessionParameters fresh;
  private int connecting;
  private int clients;
  private long retryAt;
  private long retryDelay = RETRY;
  private int statementEpoch;

  Pool(EventLoop loop, PoolKey key, int size) {
    this.loop = loop;
    this.key = key;
    this.size = size;
    this.settings = loop.fleet.settings.pools().of(key.database(), key.user());
    this.figures = loop.ledger.of(key.database(), key.user());
    this.retryAt = loop.now();
  }

  PoolKey key() {
    return key;
  }

  @Nullable ScramKeys keys() {
    return keys;
  }

  /** A client has logged in with these keys; the last ones are the right ones. */
  void learn(ScramKeys learnt) {
    keys = learnt;
  }

  void joined() {
    clients++;
  }

  void left(ClientLink client) {
    clients--;
    waiting.remove(client);
  }

  /** The parameters a client gets at login, if a server has already said what they come to. */
  @Nullable SessionParameters loginForm(Map<String, String> requested) {
    return loginForms.get(requested);
  }

  void learnLoginForm(Map<String, String> requested, SessionParameters form) {
    if (loginForms.size() >= MAX_LOGIN_FORMS) {
      loginForms.clear();
    }
    loginForms.put(requested, form);
  }

  /** Prepared statements made before it must be made again: the schema has changed. */
  int statementEpoch() {
    return statementEpoch;
  }

  void statementsAreStale() {
    statementEpoch++;
  }

  /** Gives the client a server, at once if one is free, else when its turn comes. */
  void acquire(ClientLink client) {
    waiting.add(client);
    serve();
  }

  /** The same for a client whose turn had come before. */
  void acquireFirst(ClientLink client) {
    waiting.addFirst(client);
    serve();
  }

  /** Takes the client out of the queue; false if it was not in it. */
  boolean cancelWait(ClientLink client) {
    return waiting.remove(client);
  }

  /** Hands free servers to waiting clients and opens what is missing. */
  void serve() {
    if (loop.fleet.holds.paused(key.database()) || waiting.isEmpty()) {
      return;
    }
    Optional<Primary> primary = loop.fleet.primary();
    if (primary.isEmpty()) {
      return;
    }
    while (!waiting.isEmpty()) {
      ServerLink server = idle.pollFirst();
      if (server == null) {
        break;
      }
      if (server.primary.equals(primary.get())) {
        server.give(waiting.remove());
      } else {
        server.close();
      }
    }
    while (connecting < waiting.size() && servers.size() < size && loop.now() - retryAt >= 0) {
      open(primary.get());
    }
  }

  private void open(Primary primary) {
    ServerLink server = new ServerLink(loop, this, primary);
    servers.add(server);
    connecting++;
    server.connect();
  }

  /** A server has logged in and may be used. */
  void opened(ServerLink server) {
    connecting--;
    retryDelay = RETRY;
    loop.counters.serverConnections++;
    SessionParameters reported = server.parameters();
    if (!reported.equals(fresh)) {
      loginForms.clear();
      fresh = reported;
    }
    released(server);
  }

  /** A server could not be opened; what is refused for good is told to those who wait. */
  void openFailed(ServerLink server, @Nullable ServerReport refusal) {
    connecting--;
    servers.remove(server);
    retryAt = loop.now() + retryDelay;
    retryDelay = Math.min(SLOWEST_RETRY, retryDelay * 2);
    if (refusal == null) {
      return;
    }
    if (refusal.sqlState().equals(SqlState.TOO_MANY_CONNECTIONS)) {
      loop.makeRoom(this);
      return;
    }
    if (lasting(refusal.sqlState())) {
      retryAt = loop.now();
      retryDelay = RETRY;
      List<ClientLink> refused = new ArrayList<>(waiting);
      waiting.clear();
      for (ClientLink client : refused) {
        client.refused(refusal);
      }
    }
  }

  /** Errors that another try would meet again: of the login and the database, not of the moment. */
  private static boolean lasting(String sqlState) {
    return sqlState.startsWith("28")
        || sqlState.startsWith("22")
        || sqlState.startsWith("42")
        || sqlState.equals(SqlState.INVALID_CATALOG_NAME)
        || sqlState.equals(SqlState.FEATURE_NOT_SUPPORTED);
  }

  /** A server is free and clean. */
  void released(ServerLink server) {
    if (!isCurrent(server) || expired(server)) {
      server.close();
    } else {
      idle.addFirst(server);
    }
    serve();
  }

  /** Whether the server belongs to the primary of now. */
  boolean isCurrent(ServerLink server) {
    return server.usable() && loop.fleet.primary().filter(server.primary::equals).isPresent();
  }

  private boolean expired(ServerLink server) {
    return loop.now() - server.openedAt > settings.serverLifetime().toNanos();
  }

  void closed(ServerLink server) {
    servers.remove(server);
    idle.remove(server);
    if (!waiting.isEmpty()) {
      loop.defer(this::serve);
    }
  }

  boolean closeOneIdle() {
    ServerLink server = idle.pollLast();
    if (server != null) {
      server.close();
    }
    return server != null;
  }

  void primaryChanged() {
    for (ServerLink server : List.copyOf(idle)) {
      if (!isCurrent(server)) {
        server.close();
      }
    }
    for (ServerLink server : List.copyOf(servers)) {
      server.tick();
    }
    retryAt = loop.now();
    retryDelay = RETRY;
    serve();
  }

  void tick() {
    long idleTimeout = settings.serverIdleTimeout().toNanos();
    for (ServerLink server : List.copyOf(idle)) {
      if (expired(server) || loop.now() - server.idleSince > idleTimeout || !isCurrent(server)) {
        server.close();
      }
    }
    for (ServerLink server : List.copyOf(servers)) {
      server.tick();
    }
    serve();
  }

  boolean isUnused() {
    return clients == 0 && servers.isEmpty() && waiting.isEmpty();
  }

  void closeAll() {
    for (ServerLink server : List.copyOf(servers)) {
      server.close();
    }
  }

  Set<ServerLink> servers() {
    return servers;
  }

  int clients() {
    return clients;
  }

  int waiting() {
    return waiting.size();
  }

  @Nullable ClientLink firstWaiting() {
    return waiting.peekFirst();
  }

  /** Every server is closed once nobody uses it; new ones are opened as they are needed. */
  void reconnect() {
    for (ServerLink server : List.copyOf(servers)) {
      server.closeOnceFree();
    }
    closeWhere(ServerLink::closeNeeded);
  }

  /** Some server is to be closed once nobody uses it. */
  boolean closing() {
    return servers.stream().anyMatch(ServerLink::closeNeeded);
  }

  /** Closes what nobody uses. */
  void closeIdle() {
    closeWhere(server -> true);
  }

  private void closeWhere(Predicate<ServerLink> which) {
    for (ServerLink server : List.copyOf(idle)) {
      if (which.test(server)) {
        server.close();
      }
    }
  }

  GatewayStatus.PoolStatus status() {
    return new GatewayStatus.PoolStatus(
        key.database(),
        key.user(),
        loop.index,
        servers.size() - idle.size() - connecting,
        idle.size(),
        connecting,
        waiting.size());
  }
}
