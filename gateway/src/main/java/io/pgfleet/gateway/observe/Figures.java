package io.pgfleet.gateway.observe;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What clients of one user in one database did, since the gateway started. A loop fills its own,
 * without locks; {@link #copy} and {@link #add} make sums for others to read.
 */
public final class Figures {
  /** Bytes of messages that clients sent. */
  public long received;

  /** Bytes of messages that servers sent to clients. */
  public long sent;

  /** Clients that logged in. */
  public long logins;

  /** Prepared statements that clients made. */
  public long clientParses;

  /** Prepared statements that the gateway made on servers. */
  public long serverParses;

  /** Prepared statements that clients bound. */
  public long binds;

  private final Map<Route, Latencies> queries = perRoute();
  private final Map<Route, Latencies> transactions = perRoute();
  private final Latencies waits = new Latencies();
  private final Map<String, Long> errors = new TreeMap<>();
  private final Map<String, Long> pins = new TreeMap<>();

  private static Map<Route, Latencies> perRoute() {
    Map<Route, Latencies> all = new EnumMap<>(Route.class);
    for (Route route : Route.values()) {
      all.put(route, new Latencies());
    }
    return all;
  }

  private static Latencies of(Map<Route, Latencies> all, Route route) {
    Latencies found = all.get(route);
    if (found == null) {
      throw new IllegalStateException("every route has its figures");
    }
    return found;
  }

  /** Times from a request to the ReadyForQuery that ends it. */
  public Latencies queries(Route route) {
    return of(queries, route);
  }

  /** Times from a transaction's first request to its end. */
  public Latencies transactions(Route route) {
    return of(transactions, route);
  }

  /** Times from the wish for a server to having one, those of no wait at all included. */
  public Latencies waits() {
    return waits;
  }

  /** Errors by the first two characters of their SQLSTATE. */
  public Map<String, Long> errors() {
    return Map.copyOf(errors);
  }

  /** How often clients were tied to a server, by reason. */
  public Map<String, Long> pins() {
    return Map.copyOf(pins);
  }

  /** A server's error, or the gateway's own, went to a client. */
  public void error(String sqlState) {
    errors.merge(sqlState.length() < 2 ? "XX" : sqlState.substring(0, 2), 1L, Long::sum);
  }

  /** A client was tied to its server. */
  public void pinned(String reason) {
    pins.merge(reason, 1L, Long::sum);
  }

  /** The number of requests over all routes. */
  public long queryCount() {
    return queries.values().stream().mapToLong(Latencies::count).sum();
  }

  /** The number of transactions over all routes. */
  public long transactionCount() {
    return transactions.values().stream().mapToLong(Latencies::count).sum();
  }

  /** The time that requests took, over all routes. */
  public Duration queryTime() {
    return queries.values().stream().map(Latencies::sum).reduce(Duration.ZERO, Duration::plus);
  }

  /** The time that transactions took, over all routes. */
  public Duration transactionTime() {
    return transactions.values().stream().map(Latencies::sum).reduce(Duration.ZERO, Duration::plus);
  }

  /** Adds another's figures to these. */
  public void add(Figures other) {
    received += other.received;
    sent += other.sent;
    logins += other.logins;
    clientParses += other.clientParses;
    serverParses += other.serverParses;
    binds += other.binds;
    for (Route route : Route.values()) {
      queries(route).add(other.queries(route));
      transactions(route).add(other.transactions(route));
    }
    waits.add(other.waits);
    other.errors.forEach((key, count) -> errors.merge(key, count, Long::sum));
    other.pins.forEach((key, count) -> pins.merge(key, count, Long::sum));
  }

  /** The same figures as of now. */
  public Figures copy() {
    Figures copy = new Figures();
    copy.add(this);
    return copy;
  }
}
