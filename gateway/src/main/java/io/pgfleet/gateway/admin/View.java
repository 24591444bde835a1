package io.pgfleet.gateway.admin;

import io.pgfleet.gateway.observe.Account;
import io.pgfleet.gateway.observe.EventLog.TracedStatement;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.observe.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What there is to see of a gateway at one moment.
 *
 * @param figures since the start, by account
 * @param before the same some time ago, for averages
 * @param period how long ago
 * @param server where writes go now
 */
public record View(
    Instant at,
    List<ClientRow> clients,
    List<ServerRow> servers,
    List<PoolRow> pools,
    Map<Account, Figures> figures,
    Map<Account, Figures> before,
    Duration period,
    State state,
    Optional<Peer> server,
    int listenPort,
    List<SettingRow> settings,
    List<TracedStatement> traced) {
  public View {
    clients = List.copyOf(clients);
    servers = List.copyOf(servers);
    pools = List.copyOf(pools);
    figures = Map.copyOf(figures);
    before = Map.copyOf(before);
    settings = List.copyOf(settings);
    traced = List.copyOf(traced);
  }

  /** One end of a connection; {@code unix} and 0 for a socket in the file system. */
  public record Peer(String address, int port) {}

  /**
   * A connection, of a client or of a server.
   *
   * @param idle how long ago the last request was
   * @param link the number of the connection at the other side; 0 if there is none
   */
  public record Link(
      long id,
      String database,
      String user,
      String state,
      Peer remote,
      Peer local,
      Duration age,
      Duration idle,
      long link,
      int process,
      String tls,
      String applicationName,
      int prepared) {}

  /**
   * A client.
   *
   * @param waited for a server, if it waits
   * @param pins why it keeps its server; empty if it does not
   */
  public record ClientRow(Link link, Duration waited, String pins, boolean loggedIn) {}

  /** A server connection. */
  public record ServerRow(Link link, Route route, boolean closeNeeded) {}

  /** Clients and servers of one database and user in one loop. */
  public record PoolRow(
      String database,
      String user,
      int clients,
      int waiting,
      int active,
      int idle,
      int tested,
      int login,
      int canceling,
      Duration longestWait,
      Limits limits) {}

  /** What holds for a pool. A bound of 0 is none. */
  public record Limits(
      String poolMode,
      int poolSize,
      int minPoolSize,
      int reservePoolSize,
      int maxDbConnections,
      int maxUserConnections,
      Duration serverLifetime) {}

  /** What is held back. */
  public record State(
      boolean paused,
      boolean suspended,
      Set<String> pausedDatabases,
      Set<String> disabledDatabases) {
    public State {
      pausedDatabases = Set.copyOf(pausedDatabases);
      disabledDatabases = Set.copyOf(disabledDatabases);
    }
  }

  /** A setting. */
  public record SettingRow(String key, String value, @Nullable String usual, boolean changeable) {}
}
