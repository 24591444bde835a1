package io.pgfleet.spec;

import java.time.Duration;

/**
 * The gateway.
 *
 * @param address where applications connect
 * @param poolMode for how long a client keeps a server connection
 * @param defaultPoolSize server connections per user and database
 * @param maxClientConnections clients that may be connected at once
 * @param queryWaitTimeout how long a client may wait for a server, a failover included
 * @param serverIdleTimeout after which an unused server connection is closed
 * @param serverLifetime after which a server connection is closed once it is unused
 * @param loops event loops, each on its own thread
 */
public record GatewaySpec(
    HostPort address,
    PoolMode poolMode,
    int defaultPoolSize,
    int maxClientConnections,
    Duration queryWaitTimeout,
    Duration serverIdleTimeout,
    Duration serverLifetime,
    int loops) {
  /** Checks that all numbers are positive. */
  public GatewaySpec {
    if (defaultPoolSize < 1 || maxClientConnections < 1 || loops < 1) {
      throw new IllegalArgumentException("a gateway's numbers are positive");
    }
    if (!queryWaitTimeout.isPositive()
        || !serverIdleTimeout.isPositive()
        || !serverLifetime.isPositive()) {
      throw new IllegalArgumentException("a gateway's times are positive");
    }
  }
}
