package io.pgfleet.gateway;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a database or a user has otherwise than the rest; what is empty is as elsewhere.
 *
 * @param maxConnections of a database: {@code max_db_connections}; of a user: {@code
 *     max_user_connections}
 */
public record PoolOverride(
    Optional<PoolMode> poolMode,
    OptionalInt poolSize,
    OptionalInt minPoolSize,
    OptionalInt reservePoolSize,
    OptionalInt maxConnections,
    Optional<Duration> queryTimeout,
    Optional<Duration> idleTransactionTimeout,
    Optional<Duration> transactionTimeout,
    Optional<Duration> clientIdleTimeout,
    Optional<Duration> serverLifetime) {
  /** Nothing is otherwise. */
  public static final PoolOverride NONE =
      new PoolOverride(
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** Another pool mode, and no more. */
  public static PoolOverride mode(PoolMode mode) {
    return new PoolOverride(
        Optional.of(mode),
        NONE.poolSize,
        NONE.minPoolSize,
        NONE.reservePoolSize,
        NONE.maxConnections,
        NONE.queryTimeout,
        NONE.idleTransactionTimeout,
        NONE.transactionTimeout,
        NONE.clientIdleTimeout,
        NONE.serverLifetime);
  }

  /** The same with another bound on all connections of the database or user. */
  public PoolOverride withMaxConnections(int connections) {
    return new PoolOverride(
        poolMode,
        poolSize,
        minPoolSize,
        reservePoolSize,
        OptionalInt.of(connections),
        queryTimeout,
        idleTransactionTimeout,
        transactionTimeout,
        clientIdleTimeout,
        serverLifetime);
  }

  /** The settings changed by this, but for the bounds of {@link #maxConnections}. */
  PoolSettings over(PoolSettings base) {
    return new PoolSettings(
        poolMode.orElse(base.poolMode()),
        poolSize.orElse(base.poolSize()),
        minPoolSize.orElse(Math.min(base.minPoolSize(), poolSize.orElse(base.poolSize()))),
        reservePoolSize.orElse(base.reservePoolSize()),
        base.reservePoolTimeout(),
        base.maxDbConnections(),
        base.maxUserConnections(),
        base.queryWaitTimeout(),
        queryTimeout.orElse(base.queryTimeout()),
        idleTransactionTimeout.orElse(base.idleTransactionTimeout()),
        transactionTimeout.orElse(base.transactionTimeout()),
        clientIdleTimeout.orElse(base.clientIdleTimeout()),
        serverLifetime.orElse(base.serverLifetime()),
        base.serverIdleTimeout());
  }
}
