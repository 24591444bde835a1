package io.pgfleet.gateway;

import io.pgfleet.gateway.login.Credentials;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The server connections of one {@link PoolKey} to one target in one loop, and the clients that
 * wait for one, first come first served. The target is the primary of the current term or one named
 * standby; a pool of the primary has the pools of the standbys with its key. Only connections to
 * what is the target now are handed out.
 *
 * <p>How many connections there may be is decided with other pools in {@link Places}. A client that
 * waited longer on another loop gets a server that comes free here: it moves there.
 */
final class Pool implements ServerOwner {
  final EventLoop loop;
  private final PoolKey key;
  final Places places;
  private PoolSettings settings;
  final Figures figures;
  private TimeLimits limits;
  private final @Nullable Pool writes;
  final String standby;
  final PoolReads reads;
  final ArrayDeque<ServerLink> idle = new ArrayDeque<>();
  final Set<ServerLink> servers = new HashSet<>();
  final ArrayDeque<ClientLink> waiting = new ArrayDeque<>();
  final LoginForms loginForms = new LoginForms();
  private Credentials keys = new Credentials.None();
  int connecting;
  int clients;
  private final Lending lending;
  private final PoolUpkeep upkeep;
  private final LoginPace pace;

  Pool(EventLoop loop, PoolKey key) {
    this.loop = loop;
    this.key = key;
    this.settings = loop.fleet.settings.pools().of(key.database(), key.user());
    this.limits = TimeLimits.of(settings);
    this.figures = loop.ledger.of(key.database(), key.user());
    this.writes = null;
    this.standby = "";
    this.places = new Places(this, loop.fleet, "");
    this.lending = new Lending(this, places);
    this.upkeep = new PoolUpkeep(this, places);
    this.pace = new LoginPace(loop, this::serve);
    this.reads = new PoolReads(loop, key);
  }

  private Pool(Pool writes, String standby) {
    this.loop = writes.loop;
    this.key = writes.key;
    this.settings = writes.settings;
    this.limits = writes.limits;
    this.figures = writes.figures;
    this.writes = writes;
    this.reads = writes.reads;
    this.standby = standby;
    this.places = new Places(this, loop.fleet, standby);
    this.lending = new Lending(this, places);
    this.upkeep = new PoolUpkeep(this, places);
    this.pace = new LoginPace(loop, this::serve);
  }

  /** The pool of the same key that leads to a standby. */
  Pool reads(Standby target) {
    return reads.of(target, node -> new Pool(this, node));
  }

  private void eachRead(Consumer<Pool> act) {
    if (writes == null) {
      reads.each(act);
    }
  }

  int load() {
    return servers.size() - idle.size() - connecting + waiting.size();
  }

  /** It has servers, or may open some now. */
  boolean opens() {
    return !pace.rests() || !idle.isEmpty();
  }

  /** What it leads to is not to be used now; a pause is for the primary alone. */
  private boolean isHeld() {
    return loop.fleet.held(key.database(), writes != null);
  }

  /** A standby that can't be used: those who wait for it go elsewhere. */
  private void turnAway() {
    for (ClientLink client : List.copyOf(waiting)) {
      cancelWait(client);
      client.turnedAway();
    }
  }

  /** The standby does not answer: what runs there runs elsewhere, as far as that can be. */
  void suspected() {
    List.copyOf(idle).forEach(ServerLink::close);
    List.copyOf(servers).forEach(ServerLink::suspected);
    turnAway();
  }

  /** Where its connections lead now; null while there is no such server. */
  private @Nullable Target target() {
    return loop.fleet.target(standby);
  }

  @Override
  public PoolKey key() {
    return key;
  }

  @Override
  public Figures figures() {
    return figures;
  }

  PoolSettings settings() {
    return settings;
  }

  TimeLimits limits() {
    return limits;
  }

  /** The settings may be others. */
  void settingsChanged() {
    settings = loop.fleet.settings.pools().of(key.database(), key.user());
    limits = TimeLimits.of(settings);
    while (upkeep.isOverfull() && !idle.isEmpty()) {
      idle.peekLast().close();
    }
    eachRead(Pool::settingsChanged);
    serve();
  }

  @Override
  public Credentials keys() {
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
    places.pair().clients().incrementAndGet();
  }

  void left(ClientLink client) {
    clients--;
    places.pair().clients().decrementAndGet();
    cancelWait(client);
    eachRead(pool -> pool.cancelWait(client));
  }

  @Override
  public int statementEpoch() {
    return places.pair().statementEpoch().get();
  }

  @Override
  public void statementsAreStale() {
    places.pair().statementEpoch().incrementAndGet();
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
    boolean removed = waiting.remove(client);
    if (waiting.isEmpty()) {
      places.fed();
    }
    return removed;
  }

  /** Hands free servers to waiting clients and opens what is missing. */
  void serve() {
    Target target = isHeld() || waiting.isEmpty() ? null : target();
    if (target == null) {
      places.fed();
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
    places.idle(idle.peekLast());
    boolean full = false;
    while (connecting < waiting.size() && !full && pace.allows(connecting)) {
      full = !open(target, waitingSince());
    }
    if (full) {
      places.starve(waitingSince());
      lending.ask();
    } else {
      places.fed();
    }
  }

  private long waitingSince() {
    ClientLink first = waiting.peekFirst();
    return first == null ? loop.now() : first.waitingSince;
  }

  /** Opens a connection; false if there is no place for one. */
  private boolean open(Target target, long since) {
    long patience = settings.reservePoolTimeout().toNanos();
    boolean reserve = patience > 0 && !waiting.isEmpty() && loop.now() - since >= patience;
    int limit = settings.poolSize() + (reserve ? settings.reservePoolSize() : 0);
    if (!places.take(limit, settings, since)) {
      return false;
    }
    ServerLink server = new ServerLink(loop, this, target);
    server.session.expiresAt = upkeep.expiry();
    servers.add(server);
    connecting++;
    pace.began();
    server.opening.connect();
    return true;
  }

  /** Takes out the server that was idle for shortest, or longest; null if none is. */
  @Nullable ServerLink takeIdle(boolean longest) {
    ServerLink server = longest ? idle.pollLast() : idle.pollFirst();
    places.idle(idle.peekLast());
    return server;
  }

  /** Puts back what was idle for longest. */
  void putIdle(ServerLink server) {
    idle.addLast(server);
    places.idle(server);
  }

  /** An idle server goes to the pool of the same key on another loop. */
  void move(ServerLink server, Pool to) {
    servers.remove(server);
    loop.counters.serversMoved++;
    server.leave();
    to.loop.post(() -> to.loop.pool(key).adopt(server));
  }

  /** A server that a pool of another loop had comes here. */
  private void adopt(ServerLink server) {
    if (writes == null && server.target instanceof Standby read) {
      reads(read).adopt(server);
      return;
    }
    ServerLink moved = server.movedTo(loop, this);
    if (moved == null) {
      places.give();
      return;
    }
    servers.add(moved);
    released(moved);
  }

  @Override
  public void opened(ServerLink server) {
    connecting--;
    places.loginEnded();
    pace.succeeded();
    loop.counters.serverConnections++;
    if (writes == null) {
      loginForms.opened(server.session.parameters());
    }
    released(server);
  }

  @Override
  public void openFailed(ServerLink server, @Nullable ServerReport refusal) {
    connecting--;
    servers.remove(server);
    places.loginEnded();
    places.give();
    pace.failed(loop.fleet.settings.serverLoginRetry());
    if (writes != null) {
      turnAway();
    }
    if (refusal == null) {
      return;
    }
    if (refusal.sqlState().equals(SqlState.TOO_MANY_CONNECTIONS)) {
      loop.makeRoom(this);
      return;
    }
    if (ServerLogin.lasting(refusal.sqlState())) {
      pace.startAgain();
      List<ClientLink> refused = new ArrayList<>(waiting);
      waiting.clear();
      places.fed();
      for (ClientLink client : refused) {
        client.refused(refusal);
      }
    }
  }

  @Override
  public void released(ServerLink server) {
    if (!isCurrent(server) || server.session.expired(loop.now()) || upkeep.isOverfull()) {
      server.close();
      serve();
      return;
    }
    boolean held = isHeld() || loop.fleet.topology().isComing(server.target);
    ClientLink next = held ? null : waiting.peekFirst();
    if (next == null) {
      idle.addFirst(server);
      places.idle(idle.peekLast());
      if (!held && !places.quiet()) {
        lending.help();
      }
      return;
    }
    if (!places.quiet() && lending.yields(server, next.waitingSince)) {
      return;
    }
    server.give(waiting.remove());
    if (waiting.isEmpty()) {
      places.fed();
    } else if (places.starving()) {
      places.starve(waitingSince());
    }
  }

  @Override
  public boolean isCurrent(ServerLink server) {
    return server.usable() && loop.fleet.topology().has(server.target);
  }

  @Override
  public void notified(ServerLink server, byte[] message) {
    // a LISTEN inside a function: nobody can be told whose it was
    server.session.retire();
  }

  @Override
  public void closed(ServerLink server) {
    if (servers.remove(server)) {
      places.give();
    }
    if (idle.remove(server)) {
      places.idle(idle.peekLast());
    }
    if (!waiting.isEmpty()) {
      loop.defer(this::serve);
    }
  }

  /** Closes an idle connection to the same server for another pool. */
  boolean closeOneIdleFor(Pool needy) {
    if (!needy.standby.equals(standby)) {
      Pool sibling = reads.on(needy.standby);
      return sibling != null && sibling.closeOneIdleFor(needy);
    }
    return needy != this && closeOneIdle();
  }

  boolean closeOneIdle() {
    ServerLink server = takeIdle(true);
    if (server != null) {
      server.close();
    }
    return server != null;
  }

  void topologyChanged() {
    eachRead(Pool::topologyChanged);
    for (ServerLink server : List.copyOf(servers)) {
      server.topologyChanged();
    }
    pace.startAgain();
    if (writes != null && target() == null) {
      turnAway();
    }
    serve();
    loop.fleet.topology().coming().ifPresent(this::prepareFor);
  }

  /** Logs in to a server that is about to be primary, so that its first clients need not wait. */
  private void prepareFor(Primary coming) {
    int most = writes == null && servers.isEmpty() ? Math.min(clients, LoginPace.AT_ONCE) : 0;
    for (int i = 0; i < most; i++) {
      open(coming, loop.now());
    }
  }

  void tick() {
    eachRead(Pool::tick);
    if (writes == null) {
      reads.sweep(loop.fleet);
    }
    if (!idle.isEmpty()) {
      upkeep.closeOld(idle);
    }
    if (!servers.isEmpty()) {
      for (ServerLink server : List.copyOf(servers)) {
        server.opening.tick();
      }
    }
    if (!waiting.isEmpty()) {
      serve();
    }
    if (settings.minPoolSize() > 0) {
      fillUp();
    }
  }

  private void fillUp() {
    Target target = isHeld() ? null : target();
    if (target != null && writes == null && clients > 0 && upkeep.lacks() && opens()) {
      open(target, loop.now());
    }
  }

  boolean isUnused() {
    return clients == 0
        && servers.isEmpty()
        && waiting.isEmpty()
        && (writes != null || reads.unused());
  }

  /** The pool is dropped. */
  void drop() {
    eachRead(Pool::drop);
    places.leave(loop.fleet);
  }

  void closeAll() {
    eachRead(Pool::closeAll);
    for (ServerLink server : List.copyOf(servers)) {
      server.close();
    }
  }

  /** Every server is closed once nobody uses it; new ones are opened as they are needed. */
  void reconnect() {
    for (ServerLink server : List.copyOf(servers)) {
      server.closeNeeded = true;
    }
    closeIdle();
  }

  /** Some server is to be closed once nobody uses it. */
  boolean closing() {
    return servers.stream().anyMatch(server -> server.closeNeeded);
  }

  /** Closes what nobody uses. */
  void closeIdle() {
    List.copyOf(idle).forEach(ServerLink::close);
  }

  /** Adds this pool and those to standbys. */
  void addTo(List<Pool> all) {
    all.add(this);
    eachRead(pool -> pool.addTo(all));
  }
}
