package io.pgfleet.gateway;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * What a gateway is started with.
 *
 * @param listen address for clients; port 0 takes a free one
 * @param loops event loops, each with its own clients and servers; the pool size is divided
 * @param defaultPoolSize server connections per database and user, over all loops
 * @param maxClientConnections clients beyond it are refused with SQLSTATE 53300
 * @param queryWaitTimeout how long a request waits for a server, a failover included
 * @param serverIdleTimeout an unused server connection is closed after it
 * @param serverLifetime a server connection is closed after it, once idle
 * @param loginTimeout from accepting a client to the end of its login
 * @param connectTimeout from connecting to a server to the end of the login there
 * @param drainTimeout how long pausing and closing wait for running transactions
 * @param maxPreparedStatements kept on one server connection
 * @param maxHeldBytes requests of waiting clients kept in memory, over all clients
 * @param access how clients reach the gateway and prove who they are, and how it reaches servers
 */
public record GatewaySettings(
    InetSocketAddress listen,
    int loops,
    PoolMode poolMode,
    int defaultPoolSize,
    int maxClientConnections,
    Duration queryWaitTimeout,
    Duration serverIdleTimeout,
    Duration serverLifetime,
    Duration loginTimeout,
    Duration connectTimeout,
    Duration drainTimeout,
    int maxPreparedStatements,
    long maxHeldBytes,
    AccessSettings access) {
  public GatewaySettings {
    atLeastOne(loops, "loops");
    atLeastOne(defaultPoolSize, "defaultPoolSize");
    atLeastOne(maxClientConnections, "maxClientConnections");
    atLeastOne(maxPreparedStatements, "maxPreparedStatements");
    if (defaultPoolSize < loops) {
      throw new IllegalArgumentException(
          "defaultPoolSize is " + defaultPoolSize + ", but each of " + loops + " loops needs one");
    }
    positive(queryWaitTimeout, "queryWaitTimeout");
    positive(serverIdleTimeout, "serverIdleTimeout");
    positive(serverLifetime, "serverLifetime");
    positive(loginTimeout, "loginTimeout");
    positive(connectTimeout, "connectTimeout");
    if (drainTimeout.isNegative() || maxHeldBytes < 0) {
      throw new IllegalArgumentException("drainTimeout and maxHeldBytes may not be negative");
    }
  }

  private static void atLeastOne(int value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
    }
  }

  private static void positive(Duration value, String name) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " must be longer than zero");
    }
  }

  /** The defaults: transaction pooling, PgBouncer's figures where it has the same setting. */
  public static GatewaySettings of(InetSocketAddress listen) {
    return new GatewaySettings(
        listen,
        1,
        PoolMode.TRANSACTION,
        20,
        1000,
        Duration.ofSeconds(120),
        Duration.ofMinutes(10),
        Duration.ofHours(1),
        Duration.ofSeconds(60),
        Duration.ofSeconds(15),
        Duration.ofSeconds(30),
        200,
        64L << 20,
        AccessSettings.DEFAULT);
  }

  /** The same with another pool mode. */
  public GatewaySettings withPoolMode(PoolMode mode) {
    return new GatewaySettings(
        listen,
        loops,
        mode,
        defaultPoolSize,
        maxClientConnections,
        queryWaitTimeout,
        serverIdleTimeout,
        serverLifetime,
        loginTimeout,
        connectTimeout,
        drainTimeout,
        maxPreparedStatements,
        maxHeldBytes,
        access);
  }

  /** The same with another size of pools, divided over this many loops. */
  public GatewaySettings withPoolSize(int poolSize, int loopCount) {
    return new GatewaySettings(
        listen,
        loopCount,
        poolMode,
        poolSize,
        maxClientConnections,
        queryWaitTimeout,
        serverIdleTimeout,
        serverLifetime,
        loginTimeout,
        connectTimeout,
        drainTimeout,
        maxPreparedStatements,
        maxHeldBytes,
        access);
  }

  /** The same with another bound on clients. */
  public GatewaySettings withMaxClientConnections(int clients) {
    return new GatewaySettings(
        listen,
        loops,
        poolMode,
        defaultPoolSize,
        clients,
        queryWaitTimeout,
        serverIdleTimeout,
        serverLifetime,
        loginTimeout,
        connectTimeout,
        drainTimeout,
        maxPreparedStatements,
        maxHeldBytes,
        access);
  }

  /** The same with other bounds on waiting for a server, logging in and draining. */
  public GatewaySettings withTimeouts(Duration queryWait, Duration login, Duration drain) {
    return new GatewaySettings(
        listen,
        loops,
        poolMode,
        defaultPoolSize,
        maxClientConnections,
        queryWait,
        serverIdleTimeout,
        serverLifetime,
        login,
        connectTimeout,
        drain,
        maxPreparedStatements,
        maxHeldBytes,
        access);
  }

  /** The same with another bound on statements kept per server. */
  public GatewaySettings withMaxPreparedStatements(int statements) {
    return new GatewaySettings(
        listen,
        loops,
        poolMode,
        defaultPoolSize,
        maxClientConnections,
        queryWaitTimeout,
        serverIdleTimeout,
        serverLifetime,
        loginTimeout,
        connectTimeout,
        drainTimeout,
        statements,
        maxHeldBytes,
        access);
  }

  /** The same with other ways of reaching the gateway and of logging in. */
  public GatewaySettings withAccess(AccessSettings other) {
    return new GatewaySettings(
        listen,
        loops,
        poolMode,
        defaultPoolSize,
        maxClientConnections,
        queryWaitTimeout,
        serverIdleTimeout,
        serverLifetime,
        loginTimeout,
        connectTimeout,
        drainTimeout,
        maxPreparedStatements,
        maxHeldBytes,
        other);
  }
}
