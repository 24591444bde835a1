package io.pgfleet.gateway;

import io.pgfleet.gateway.observe.Event;
import io.pgfleet.gateway.observe.Trace;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is remembered of a client only so that people can see it. */
final class ClientSight {
  private final EventLoop loop;
  private final ClientLink client;

  /** Its number in SHOW CLIENTS and KILL_CLIENT. */
  final long id;

  final long acceptedAt;
  private long requestAt;
  private String leaves = "the client closed the connection without a Terminate message";
  private boolean loggedIn;
  private @Nullable Trace trace;

  ClientSight(EventLoop loop, ClientLink client) {
    this.loop = loop;
    this.client = client;
    this.id = loop.fleet.nextId();
    this.acceptedAt = loop.now();
    this.requestAt = loop.now();
  }

  /** Bytes came from the client. */
  void heard() {
    requestAt = loop.now();
  }

  long requestAt() {
    return requestAt;
  }

  /** What will be the reason when it goes. */
  void leaves(String reason) {
    leaves = reason;
  }

  void trace(@Nullable Trace wish) {
    trace = wish;
  }

  boolean traced() {
    return trace != null;
  }

  /** Counts a statement; whether it is to be written down. */
  boolean traces(long now) {
    Trace wish = trace;
    if (wish == null) {
      return false;
    }
    if (wish.over(now)) {
      trace = null;
      return false;
    }
    return wish.takes();
  }

  Event.Who who() {
    PoolKey key = key();
    return new Event.Who(id, key.database(), key.user(), client.plug.peer());
  }

  private static Map<String, String> startup(ClientLink client) {
    ClientLogin login = client.login;
    return login == null ? Map.of() : login.parameters();
  }

  PoolKey key() {
    Pool of = client.pool;
    return of == null ? PoolKey.of(startup(client)) : of.key();
  }

  /** A FATAL error is being told to it. */
  void fails(ServerReport report) {
    leaves = report.message();
    Pool of = client.pool;
    if (of != null) {
      of.figures.error(report.sqlState());
    }
  }

  /** Ends the connection at once, and with it what runs. */
  void kill(String why) {
    client.fatal(Reports.killed(why));
    client.close();
  }

  /** All that it sent has been answered in full. */
  boolean settled() {
    ServerLink held = client.server();
    return client.admin != null
        || ((held == null || held.exchange.isEmpty()) && client.outbox().isEmpty());
  }

  /** In the midst of a transaction or statement. */
  boolean running() {
    ServerLink held = client.server();
    return held != null
        && (!held.exchange.isEmpty()
            || held.exchange.unsynced()
            || held.status() != Protocol.TransactionStatus.IDLE
            || client.requests.midMessage());
  }

  Optional<GatewayStatus.PinnedClient> pinned() {
    int pins = client.session.pins();
    if (pins == 0) {
      return Optional.empty();
    }
    PoolKey key = key();
    return Optional.of(
        new GatewayStatus.PinnedClient(
            key.database(), key.user(), client.plug.peer(), StatementScan.reasons(pins)));
  }

  void loggedIn() {
    loggedIn = true;
    loop.counters.logins++;
    client.figures().logins++;
    if (loop.fleet.observe().connections()) {
      loop.fleet.events.offer(
          new Event.Connected(who(), client.parameters.get("application_name")));
    }
  }

  /** The connection is about to be closed. */
  void left() {
    if (loggedIn && loop.fleet.observe().connections()) {
      Duration stayed = Duration.ofNanos(loop.now() - acceptedAt);
      loop.fleet.events.offer(new Event.Disconnected(who(), leaves, stayed));
    }
  }
}
