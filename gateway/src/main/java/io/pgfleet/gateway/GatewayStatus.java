package io.pgfleet.gateway;

import io.pgfleet.gateway.route.StandbyState;
import io.pgfleet.gateway.topology.Primary;
import java.time.Duration;
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
 * @param standbys those that reads may go to, and whether they do
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
    List<StandbyStatus> standbys,
    long fileDescriptorLimit,
    Totals totals) {
  public GatewayStatus {
    pinned = List.copyOf(pinned);
    pools = List.copyOf(pools);
    standbys = List.copyOf(standbys);
  }

  /**
   * A standby as the gateway sees it.
   *
   * @param serves whether reads go there
   * @param answers whether it can be asked how far it is
   * @param lagBytes of WAL that it has not replayed
   * @param lag for how long it has not replayed what the primary had
   */
  public record StandbyStatus(
      String node, boolean serves, boolean answers, long lagBytes, Duration lag) {
    static StandbyStatus of(StandbyState state) {
      return new StandbyStatus(
          state.standby().node(),
          state.serves(),
          state.answers(),
          state.lagBytes(),
          Duration.ofNanos(state.lagNanos()));
    }
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
      int waiting) {
    static PoolStatus of(Pool pool) {
      return new PoolStatus(
          pool.key().database(),
          pool.key().user(),
          pool.standby.isEmpty() ? Optional.empty() : Optional.of(pool.standby),
          pool.loop.index,
          pool.servers.size() - pool.idle.size() - pool.connecting,
          pool.idle.size(),
          pool.connecting,
          pool.waiting.size());
    }
  }

  /**
   * Counters since the start.
   *
   * @param transactions ended on a server
   * @param serverConnections opened
   * @param serversLost while a client used them
   * @param serversMoved from one loop to another
   * @param timeouts of clients that took too long, but for waiting
   * @param waitTimeouts requests answered with an error since no server came free in time
   * @param readsRetried run on the primary after a standby could not answer them
   * @param readsBehind for which no standby could serve
   * @param protocolViolations connections closed for bytes outside the protocol
   */
  public record Totals(
      long logins,
      long failedLogins,
      long transactions,
      long serverConnections,
      long serversLost,
      long serversMoved,
      long timeouts,
      long waitTimeouts,
      long cancels,
      long protocolViolations,
      long readsRetried,
      long readsBehind) {
    /** The sum over two loops. */
    public Totals plus(Totals other) {
      return new Totals(
          logins + other.logins,
          failedLogins + other.failedLogins,
          transactions + other.transactions,
          serverConnections + other.serverConnections,
          serversLost + other.serversLost,
          serversMoved + other.serversMoved,
          timeouts + other.timeouts,
          waitTimeouts + other.waitTimeouts,
          cancels + other.cancels,
          protocolViolations + other.protocolViolations,
          readsRetried + other.readsRetried,
          readsBehind + other.readsBehind);
    }
  }
}
