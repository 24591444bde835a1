package io.pgfleet.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The gateway. What each value does stands beside its key in {@code docs/fleet-yaml.md}; a duration
 * of zero stands for {@code off} or {@code system}, a number of zero for {@code unlimited} or
 * {@code system}, where the key has such a word.
 *
 * @param run whether the fleet's program runs a gateway itself
 * @param address where applications connect
 * @param unixSocketDir the folder of a Unix-domain socket
 * @param unixSocketMode its permissions
 * @param loops event loops, each on its own thread
 * @param proxies networks from which PROXY protocol headers are demanded
 * @param databases what differs for a database, by its name
 * @param users what differs for a user, by its name
 * @param metrics where they are read; empty if they are off
 */
public record GatewaySpec(
    boolean run,
    HostPort address,
    Optional<Path> unixSocketDir,
    int unixSocketMode,
    int loops,
    PoolMode poolMode,
    Limits limits,
    Timeouts timeouts,
    Keepalive keepalive,
    List<String> proxies,
    ClientTls clientTls,
    ServerTls serverTls,
    Auth auth,
    Reads reads,
    Map<String, Otherwise> databases,
    Map<String, Otherwise> users,
    List<String> adminUsers,
    List<String> statsUsers,
    List<String> asyncCommitUsers,
    Optional<HostPort> metrics,
    Log log) {
  /** Copies the lists and maps, which keep their order. */
  public GatewaySpec {
    proxies = List.copyOf(proxies);
    databases = Collections.unmodifiableMap(new LinkedHashMap<>(databases));
    users = Collections.unmodifiableMap(new LinkedHashMap<>(users));
    adminUsers = List.copyOf(adminUsers);
    statsUsers = List.copyOf(statsUsers);
    asyncCommitUsers = List.copyOf(asyncCommitUsers);
  }

  /** How much the gateway takes and holds. */
  public record Limits(
      int maxClientConn,
      int defaultPoolSize,
      int minPoolSize,
      int reservePoolSize,
      int maxDbConnections,
      int maxUserConnections,
      int maxPreparedStatements,
      long maxHeldBytes) {}

  /** How long the gateway waits. */
  public record Timeouts(
      Duration queryWait,
      Duration reservePool,
      Duration query,
      Duration transaction,
      Duration idleTransaction,
      Duration clientIdle,
      Duration clientLogin,
      Duration serverConnect,
      Duration serverLoginRetry,
      Duration serverLifetime,
      Duration serverIdle,
      Duration cancelWait,
      Duration hold,
      Duration drain) {}

  /** How the operating system finds dead connections. */
  public record Keepalive(boolean on, Duration idle, Duration interval, int probes) {}

  /** How much TLS is asked of a connection; libpq's words of {@code sslmode}. */
  public enum TlsMode {
    /** Never. */
    DISABLE,
    /** If the other end can. */
    PREFER,
    /** Always, whoever the other end is. */
    REQUIRE,
    /** Always, with a certificate of a known authority. */
    VERIFY_CA,
    /** Always, with a certificate of a known authority that names the other end. */
    VERIFY_FULL
  }

  /** The oldest version of TLS. */
  public enum TlsVersion {
    /** RFC 5246. */
    TLS_1_2,
    /** RFC 8446. */
    TLS_1_3
  }

  /** TLS between clients and the gateway. */
  public record ClientTls(
      TlsMode mode,
      Optional<Path> certificate,
      Optional<Path> key,
      Optional<Path> clientCa,
      TlsVersion oldest) {}

  /** TLS between the gateway and the servers. */
  public record ServerTls(
      TlsMode mode, Optional<Path> ca, Optional<Path> certificate, Optional<Path> key) {}

  /** How clients prove who they are. */
  public record Auth(
      Optional<Path> hba,
      Optional<Path> ident,
      Optional<Path> userSecrets,
      int maxFailedLogins,
      int failedLoginsForgotten) {}

  /** Whether standbys answer reads. */
  public enum ReadMode {
    /** Statements that certainly only read. */
    AUTOMATIC,
    /** None. */
    OFF
  }

  /** Whose earlier writes a read sees. */
  public enum OwnWrites {
    /** Those of its connection. */
    SESSION,
    /** Those of its user. */
    USER,
    /** Perhaps nobody's. */
    OFF
  }

  /** What a read does when no standby is near enough. */
  public enum AllBehind {
    /** Go to the primary. */
    PRIMARY,
    /** Wait for a standby. */
    WAIT,
    /** Fail. */
    ERROR
  }

  /** Which statements standbys answer. */
  public record Reads(
      ReadMode mode,
      Duration maxLag,
      long maxLagBytes,
      OwnWrites readYourWrites,
      AllBehind allBehind,
      Optional<String> region,
      List<String> readFunctions) {
    /** Copies the list. */
    public Reads {
      readFunctions = List.copyOf(readFunctions);
    }
  }

  /**
   * What differs for one database or user; what is empty is as for all.
   *
   * @param maxConnections of the database, or of the user
   * @param reads of a database only
   */
  public record Otherwise(
      Optional<PoolMode> poolMode,
      Optional<Integer> poolSize,
      Optional<Integer> minPoolSize,
      Optional<Integer> reservePoolSize,
      Optional<Integer> maxConnections,
      Optional<Duration> queryTimeout,
      Optional<Duration> idleTransactionTimeout,
      Optional<Duration> transactionTimeout,
      Optional<Duration> clientIdleTimeout,
      Optional<Duration> serverLifetime,
      Optional<ReadMode> reads) {}

  /** What the gateway writes to the log. */
  public record Log(boolean connections, Duration slowQuery) {}
}
