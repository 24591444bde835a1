package io.pgfleet.gateway;

/** What one loop counts. */
final class Counters {
  long logins;
  long failedLogins;
  long transactions;
  long serverConnections;
  long serversLost;

  /** To another loop. */
  long serversMoved;

  /** Of clients, other than waiting for a server. */
  long timeouts;

  long waitTimeouts;
  long cancels;
  long readsRetried;
  long readsBehind;
  long protocolViolations;

  GatewayStatus.Totals totals() {
    return new GatewayStatus.Totals(
        logins,
        failedLogins,
        transactions,
        serverConnections,
        serversLost,
        serversMoved,
        timeouts,
        waitTimeouts,
        cancels,
        protocolViolations,
        readsRetried,
        readsBehind);
  }
}
