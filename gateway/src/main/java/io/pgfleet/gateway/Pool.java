package io.pgfleet.gateway;

import io.pgfleet.gateway.login.Credentials;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The server connections of one {@link PoolKey} to one target in one loop, and the clients that
 * wait for one, first come first served. The target is the primary of the current term or one named
 * standby; a pool of the primary has the pools of the standbys with its key. Only connections to
 * what is the target now are handed out.
 */
final class Pool {
  private static final long RETRY = 100_000_000L;
  private static final long SLOWEST_RETRY = 1_000_000_000L;
  private static final int MAX_LOGIN_FORMS = 100;

  private final EventLoop loop;
  private final PoolKey key;
  private int size;
  private final @Nullable Pool writes;
  private final String standby;
  private final Map<String, Pool> reads = new HashMap<>();
  PoolSettings settings;
  final Figures figures;
  private final ArrayDeque<ServerLink> idle = new ArrayDeque<>();
  private final Set<ServerLink> servers = new HashSet<>();
  private final ArrayDeque<ClientLink> waiting = new ArrayDeque<>();
  private final Map<Map<String, String>, SessionParameters> loginForms = new HashMap<>();
  private Credentials keys = new Credentials.None();
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
    this.writes = null;
    this.standby = "";
    this.settings = loop.fleet.settings.pools().of(key.database(), key.user());
    this.figures = loop.ledger.of(key.database(), key.user());
    this.retryAt = loop.now();
  }

  private Pool(Pool writes, String standby) {
    this.loop = writes.loop;
    this.key = writes.key;
    this.size = writes.size;
    this.settings = writes.settings;
    this.figures = writes.figures;
    this.writes = writes;
    this.standby = standby;
    this.retryAt = loop.now();
  }

  /** The settings may be others. */
  void settingsChanged() {
    settings = loop.fleet.settings.pools().of(key.database(), key.user());
    size = loop.share(settings.poolSize());
    while (servers.size() > size && !idle.isEmpty()) {
      idle.removeLast().close();
    }
    reads.values().forEach(Pool::settingsChanged);
    serve();
  }

  /** The pool of the same key that leads to a standby. */
  Pool reads(Standby target) {
    Pool pool = reads.get(target.node());
    if (pool == null) {
      pool = new Pool(this, target.node());
      reads.put(target.node(), pool);
    }
    return pool;
  }

  /** Leads to a standby. */
  boolean isForReads() {
    return writes != null;
  }

  /** Where its connections lead now; null while there is no such server. */
  private @Nullable Target target() {
    Topology topology = loop.fleet.topology();
    Optional<? extends Target> target =
        writes == null ? topology.primary() : topology.standby(standby);
    return target.isPresent() ? target.get() : null;
  }

  PoolKey key() {
    return key;
  }

  Credentials keys() {
    Pool parent = writes;
    return parent == null ? keys : parent.keys;
  }

  /** A client has logged in with these; the last ones are the right ones. */
  void learn(Credentials learnt) {
    if (!(learnt instanceof Credentials.None)) {
      keys = learnt;
    }
  }

  void joined() {
    clients++;
  }

  void left(ClientLink client) {
    clients--;
    waiting.remove(client);
    reads.values().forEach(pool -> pool.waiting.remove(client));
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
    if (loop.fleet.paused() || waiting.isEmpty()) {
      return;
    }
    Target target = target();
    if (target == null) {
      return;
    }
    while (!waiting.isEmpty()) {
      ServerLink server = idle.pollFirst();
      if (server == null) {
        break;
      }
      if (server.target.equals(target)) {
        server.give(waiting.remove());
      } else {
        server.close();
      }
    }
    while (connecting < waiting.size() && servers.size() < size && loop.now() - retryAt >= 0) {
      open(target);
    }
  }

  private void open(Target target) {
    ServerLink server = new ServerLink(loop, this, target);
    servers.add(server);
    connecting++;
    server.connect();
  }

  /** A server has logged in and may be used. */
  void opened(ServerLink server) {
    connecting--;
    retryDelay = RETRY;
    loop.counters.serverConnections++;
    if (writes == null) {
      learnFresh(server);
    } else {
      writes.share(server);
    }
    released(server);
  }

  private void learnFresh(ServerLink server) {
    if (!server.parameters().equals(fresh)) {
      loginForms.clear();
      fresh = server.parameters();
    }
    share(server);
  }

  /** Equal parameters are one object, so that comparing them is quick. */
  private void share(ServerLink server) {
    SessionParameters usual = fresh;
    if (usual != null && usual.equals(server.parameters())) {
      server.parameters(usual);
    }
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
    if (!isCurrent(server) || expired(server) || servers.size() > size) {
      server.close();
    } else {
      idle.addFirst(server);
    }
    serve();
  }

  /** Whether the server is what this pool leads to now. */
  boolean isCurrent(ServerLink server) {
    return server.usable() && loop.fleet.topology().has(server.target);
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

  /** Closes an idle connection to the same server for another pool. */
  boolean closeOneIdleFor(Pool needy) {
    if (!needy.standby.equals(standby)) {
      Pool sibling = reads.get(needy.standby);
      return sibling != null && sibling.closeOneIdleFor(needy);
    }
    ServerLink server = idle.pollLast();
    if (server != null) {
      server.close();
    }
    return server != null;
  }

  void topologyChanged() {
    reads.values().forEach(Pool::topologyChanged);
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
    for (Pool pool : List.copyOf(reads.values())) {
      pool.tick();
      if (pool.isUnused() && pool.target() == null) {
        reads.remove(pool.standby);
      }
    }
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
    return clients == 0
        && servers.isEmpty()
        && waiting.isEmpty()
        && reads.values().stream().allMatch(Pool::isUnused);
  }

  void closeAll() {
    reads.values().forEach(Pool::closeAll);
    for (ServerLink server : List.copyOf(servers)) {
      server.close();
    }
  }

  /** Adds the status of this pool and of those to standbys. */
  void status(List<GatewayStatus.PoolStatus> to) {
    to.add(
        new GatewayStatus.PoolStatus(
            key.database(),
            key.user(),
            standby.isEmpty() ? Optional.empty() : Optional.of(standby),
            loop.index,
            servers.size() - idle.size() - connecting,
            idle.size(),
            connecting,
            waiting.size()));
    reads.values().forEach(pool -> pool.status(to));
  }
}
