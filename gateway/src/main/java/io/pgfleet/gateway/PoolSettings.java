package io.pgfleet.gateway;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * What holds for the clients and servers of one database and user, with PgBouncer's names and
 * meanings unless said otherwise. Figures are over all loops. A duration of zero is no bound.
 *
 * @param poolSize server connections to one server ({@code default_pool_size})
 * @param minPoolSize kept open while a client of the pool is connected
 * @param reservePoolSize further connections once a client has waited {@code reservePoolTimeout}
 * @param reservePoolTimeout zero: the reserve is never used
 * @param maxDbConnections server connections to the database, of all users; 0 is no bound
 * @param maxUserConnections server connections of the user, to all databases; 0 is no bound
 * @param queryWaitTimeout how long a request waits for a server, a failover included
 * @param queryTimeout how long a request may run; it is cancelled, and the client stays connected
 * @param idleTransactionTimeout how long a client may be idle in a transaction
 * @param transactionTimeout how long a transaction may last
 * @param clientIdleTimeout a client idle for longer, outside of a transaction, is closed
 * @param serverLifetime a server connection is closed once it is as old and idle; each at a moment
 *     of its own in the last fifth, so that not all are opened again at once
 * @param serverIdleTimeout an unused server connection is closed after it
 */
public record PoolSettings(
    PoolMode poolMode,
    int poolSize,
    int minPoolSize,
    int reservePoolSize,
    Duration reservePoolTimeout,
    int maxDbConnections,
    int maxUserConnections,
    Duration queryWaitTimeout,
    Duration queryTimeout,
    Duration idleTransactionTimeout,
    Duration transactionTimeout,
    Duration clientIdleTimeout,
    Duration serverLifetime,
    Duration serverIdleTimeout) {
  /** PgBouncer's defaults, with transaction pooling. */
  public static final PoolSettings DEFAULTS =
      new PoolSettings(
          PoolMode.TRANSACTION,
          20,
          0,
          0,
          Duration.ofSeconds(5),
          0,
          0,
          Duration.ofSeconds(120),
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ofHours(1),
          Duration.ofMinutes(10));

  public PoolSettings {
    if (poolSize < 1) {
      throw new IllegalArgumentException("pool_size is " + poolSize + ", must be at least 1");
    }
    notNegative(minPoolSize, "min_pool_size");
    notNegative(reservePoolSize, "reserve_pool_size");
    notNegative(maxDbConnections, "max_db_connections");
    notNegative(maxUserConnections, "max_user_connections");
    if (minPoolSize > poolSize) {
      throw new IllegalArgumentException(
          "min_pool_size is " + minPoolSize + ", more than the pool_size " + poolSize);
    }
    notNegative(reservePoolTimeout, "reserve_pool_timeout");
    notNegative(queryWaitTimeout, "query_wait_timeout");
    notNegative(queryTimeout, "query_timeout");
    notNegative(idleTransactionTimeout, "idle_transaction_timeout");
    notNegative(transactionTimeout, "transaction_timeout");
    notNegative(clientIdleTimeout, "client_idle_timeout");
    notNegative(serverLifetime, "server_lifetime");
    notNegative(serverIdleTimeout, "server_idle_timeout");
  }

  private static void notNegative(int value, String name) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", may not be negative");
    }
  }

  private static void notNegative(Duration value, String name) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " may not be negative");
    }
  }

  /** The same but for what the change sets. */
  public PoolSettings with(Consumer<PoolSettingsDraft> change) {
    PoolSettingsDraft draft = new PoolSettingsDraft(this);
    change.accept(draft);
    return draft.settings();
  }
}
