package io.pgfleet.gateway;

/** What one loop counts. */
final class Counters {
  long logins;
  long failedLogins;
  long transactions;
  long serverConnections;
  long serversLost;
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
        waitTimeouts,
        cancels,
        protocolViolations,
        readsRetried,
        readsBehind);
  }
}
