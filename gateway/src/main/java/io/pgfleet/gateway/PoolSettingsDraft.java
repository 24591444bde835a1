package io.pgfleet.gateway;

import java.time.Duration;

/** {@link PoolSettings} in the making. */
public final class PoolSettingsDraft {
  public PoolMode poolMode;
  public int poolSize;
  public int minPoolSize;
  public int reservePoolSize;
  public Duration reservePoolTimeout;
  public int maxDbConnections;
  public int maxUserConnections;
  public Duration queryWaitTimeout;
  public Duration queryTimeout;
  public Duration idleTransactionTimeout;
  public Duration transactionTimeout;
  public Duration clientIdleTimeout;
  public Duration serverLifetime;
  public Duration serverIdleTimeout;

  PoolSettingsDraft(PoolSettings from) {
    poolMode = from.poolMode();
    poolSize = from.poolSize();
    minPoolSize = from.minPoolSize();
    reservePoolSize = from.reservePoolSize();
    reservePoolTimeout = from.reservePoolTimeout();
    maxDbConnections = from.maxDbConnections();
    maxUserConnections = from.maxUserConnections();
    queryWaitTimeout = from.queryWaitTimeout();
    queryTimeout = from.queryTimeout();
    idleTransactionTimeout = from.idleTransactionTimeout();
    transactionTimeout = from.transactionTimeout();
    clientIdleTimeout = from.clientIdleTimeout();
    serverLifetime = from.serverLifetime();
    serverIdleTimeout = from.serverIdleTimeout();
  }

  PoolSettings settings() {
    return new PoolSettings(
        poolMode,
        poolSize,
        minPoolSize,
        reservePoolSize,
        reservePoolTimeout,
        maxDbConnections,
        maxUserConnections,
        queryWaitTimeout,
        queryTimeout,
        idleTransactionTimeout,
        transactionTimeout,
        clientIdleTimeout,
        serverLifetime,
        serverIdleTimeout);
  }
}
