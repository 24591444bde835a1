package io.pgfleet.gateway;

import io.pgfleet.gateway.topology.Primary;
import java.util.List;
import java.util.Optional;

/**
 * What a gateway is doing at one moment.
 *
 * @param clients logged in
 * @param clientsActive that have a server now
 * @param clientsWaiting for a server
 * @param held whether new transactions are held, by a pause or for want of a primary
 * @param heldBytes of requests kept for waiting clients
 * @param pinned clients tied to one server, and why
 * @param fileDescriptorLimit of this process
 * @param totals since the start
 */
public record GatewayStatus(
    int clients,
    int clientsActive,
    int clientsWaiting,
    boolean held,
    long heldBytes,
    List<PinnedClient> pinned,
    List<PoolStatus> pools,
    Optional<Primary> primary,
    long fileDescriptorLimit,
    Totals totals) {
  public GatewayStatus {
    pinned = List.copyOf(pinned);
    pools = List.copyOf(pools);
  }

  /** A client that keeps its server, since something of its session lives there. */
  public record PinnedClient(String database, String user, String address, String reason) {}

  /**
   * Server connections of one database and user in one loop.
   *
   * @param standby the node they lead to; empty for those to the primary
   */
  public record PoolStatus(
      String database,
      String user,
      Optional<String> standby,
      int loop,
      int active,
      int idle,
      int connecting,
      int waiting) {}

  /**
   * Counters since the start.
   *
   * @param transactions ended on a server
   * @param serverConnections opened
   * @param serversLost while a client used them
   * @param waitTimeouts requests answered with an error since no server came free in time
   * @param protocolViolations connections closed for bytes outside the protocol
   */
  public record Totals(
      long logins,
      long failedLogins,
      long transactions,
      long serverConnections,
      long serversLost,
      long waitTimeouts,
      long cancels,
      long protocolViolations) {
    /** The sum over two loops. */
    public Totals plus(Totals other) {
      return new Totals(
          logins + other.logins,
          failedLogins + other.failedLogins,
          transactions + other.transactions,
          serverConnections + other.serverConnections,
          serversLost + other.serversLost,
          waitTimeouts + other.waitTimeouts,
          cancels + other.cancels,
          protocolViolations + other.protocolViolations);
    }
  }
}
