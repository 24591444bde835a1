package io.pgfleet.gateway.observe;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Who may look into a gateway, and what it writes down.
 *
 * @param metrics where HTTP answers /metrics; nowhere if absent
 * @param slowQuery statements and transactions that take so long are logged; none if absent
 * @param connections whether every connect and disconnect is logged
 * @param adminUsers who may do everything in the database {@code pgbouncer}
 * @param statsUsers who may only look there
 */
public record ObserveSettings(
    Optional<InetSocketAddress> metrics,
    Optional<Duration> slowQuery,
    boolean connections,
    Set<String> adminUsers,
    Set<String> statsUsers) {
  /** Nothing is served, logged or allowed. */
  public static final ObserveSettings NONE =
      new ObserveSettings(Optional.empty(), Optional.empty(), false, Set.of(), Set.of());

  public ObserveSettings {
    adminUsers = Set.copyOf(adminUsers);
    statsUsers = Set.copyOf(statsUsers);
    if (slowQuery.filter(Duration::isNegative).isPresent()) {
      throw new IllegalArgumentException("slowQuery may not be negative");
    }
  }

  /** The same with metrics at an address. */
  public ObserveSettings withMetrics(InetSocketAddress address) {
    return new ObserveSettings(
        Optional.of(address), slowQuery, connections, adminUsers, statsUsers);
  }

  /** The same with metrics at an address, or nowhere. */
  public ObserveSettings withMetrics(Optional<InetSocketAddress> address) {
    return new ObserveSettings(address, slowQuery, connections, adminUsers, statsUsers);
  }

  /** The same with statements logged that take so long. */
  public ObserveSettings withSlowQuery(Optional<Duration> threshold) {
    return new ObserveSettings(metrics, threshold, connections, adminUsers, statsUsers);
  }

  /** The same with connections logged, or not. */
  public ObserveSettings withConnections(boolean logged) {
    return new ObserveSettings(metrics, slowQuery, logged, adminUsers, statsUsers);
  }

  /** The same with other users of the admin database. */
  public ObserveSettings withUsers(Set<String> admins, Set<String> viewers) {
    return new ObserveSettings(metrics, slowQuery, connections, admins, viewers);
  }
}
