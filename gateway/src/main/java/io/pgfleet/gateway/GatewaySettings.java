package io.pgfleet.gateway;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a gateway is started with, and what {@link Gateway#reload} replaces. Immutable; changed
 * copies come from {@link #with}: {@code settings.with(s -> s.poolMode = PoolMode.SESSION)}.
 *
 * @param listen address for clients; port 0 takes a free one
 * @param unixSocketDir folder of a Unix-domain socket {@code .s.PGSQL.<port>}; empty for none
 * @param loops event loops, each with its own clients and servers; pool sizes are divided
 * @param proxies networks, {@code address/bits}, whose connections begin with a PROXY header
 * @param databases what differs for one database, by its name
 * @param users what differs for one user, by its name; wins over what differs for a database
 * @param adminUsers may run every command of the administration database
 * @param statsUsers may see what is shown there
 * @param metrics where metrics are read over HTTP; empty for nowhere
 */
public record GatewaySettings(
    InetSocketAddress listen,
    Optional<Path> unixSocketDir,
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
    Map<String, DatabaseOverride> databases,
    Map<String, UserOverride> users,
    List<String> adminUsers,
    List<String> statsUsers,
    Optional<InetSocketAddress> metrics,
    Log log) {
  public GatewaySettings {
    Limits.atLeast(1, loops, "loops");
    if (limits.defaultPoolSize() < loops) {
      throw new IllegalArgumentException(
          "defaultPoolSize is "
              + limits.defaultPoolSize()
              + ", but each of "
              + loops
              + " loops needs one");
    }
    proxies = List.copyOf(proxies);
    databases = Map.copyOf(databases);
    users = Map.copyOf(users);
    adminUsers = List.copyOf(adminUsers);
    statsUsers = List.copyOf(statsUsers);
  }

  /** The defaults of fleet.yaml, but for metrics, which are off. */
  public static GatewaySettings of(InetSocketAddress listen) {
    return new GatewaySettings(
        listen,
        Optional.empty(),
        1,
        PoolMode.TRANSACTION,
        Limits.DEFAULT,
        Timeouts.DEFAULT,
        new Keepalive(true, Duration.ZERO, Duration.ZERO, 0),
        List.of(),
        new ClientTls(ClientTls.Mode.DISABLE, Optional.empty(), Optional.empty(), Optional.empty()),
        new ServerTls(ServerTls.Mode.DISABLE, Optional.empty()),
        new Auth(
            Optional.empty(),
            Optional.empty(),
            List.of(Auth.PasswordHash.SCRAM_SHA_256),
            20,
            Duration.ofMinutes(1)),
        new Reads(
            Reads.Mode.AUTOMATIC,
            Duration.ofSeconds(1),
            16L << 20,
            Reads.OwnWrites.SESSION,
            Reads.AllBehind.PRIMARY,
            Optional.empty(),
            List.of()),
        Map.of(),
        Map.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        new Log(false, Duration.ZERO));
  }

  /**
   * How the operating system finds dead connections, to clients and to servers.
   *
   * @param idle after which silence it probes; zero for the system's own
   * @param interval between probes; zero for the system's own
   * @param probes unanswered ones until a connection is given up; zero for the system's own
   */
  public record Keepalive(boolean on, Duration idle, Duration interval, int probes) {}

  /**
   * TLS between clients and the gateway.
   *
   * @param certificate with its chain, PEM; there unless the mode is DISABLE
   * @param key PEM, PKCS #8; there unless the mode is DISABLE
   * @param clientCa authorities of client certificates, PEM; empty if none are asked for
   */
  public record ClientTls(
      Mode mode, Optional<Path> certificate, Optional<Path> key, Optional<Path> clientCa) {
    /** Whether clients use it. */
    public enum Mode {
      DISABLE,
      ALLOW,
      REQUIRE
    }

    public ClientTls {
      if (mode != Mode.DISABLE && (certificate.isEmpty() || key.isEmpty())) {
        throw new IllegalArgumentException("TLS needs a certificate and its key");
      }
    }
  }

  /**
   * TLS between the gateway and the servers, as libpq's sslmode.
   *
   * @param ca authorities of server certificates, PEM; there if the mode verifies
   */
  public record ServerTls(Mode mode, Optional<Path> ca) {
    /** Whether and how it is used. */
    public enum Mode {
      DISABLE,
      PREFER,
      REQUIRE,
      VERIFY_CA,
      VERIFY_FULL
    }

    public ServerTls {
      if ((mode == Mode.VERIFY_CA || mode == Mode.VERIFY_FULL) && ca.isEmpty()) {
        throw new IllegalArgumentException("verifying servers needs an authority");
      }
    }
  }

  /**
   * How clients prove who they are.
   *
   * @param hba rules in the syntax of pg_hba.conf; empty: everybody proves a password
   * @param ident maps in the syntax of pg_ident.conf
   * @param passwordHashes stored passwords that may be proved
   * @param maxFailedLogins of one address within the window; 0 for no limit
   */
  public record Auth(
      Optional<Path> hba,
      Optional<Path> ident,
      List<PasswordHash> passwordHashes,
      int maxFailedLogins,
      Duration failedLoginWindow) {
    /** How a password is stored in PostgreSQL. */
    public enum PasswordHash {
      SCRAM_SHA_256,
      MD5
    }

    public Auth {
      passwordHashes = List.copyOf(passwordHashes);
    }
  }

  /**
   * Which statements standbys answer.
   *
   * @param maxLag in time; a standby further behind answers none
   * @param maxLagBytes in write-ahead log; a standby further behind answers none
   * @param region of the gateway; standbys of the same answer first
   * @param readFunctions functions that only read, as calls name them
   */
  public record Reads(
      Mode mode,
      Duration maxLag,
      long maxLagBytes,
      OwnWrites readYourWrites,
      AllBehind allBehind,
      Optional<String> region,
      List<String> readFunctions) {
    /** Whether standbys answer reads. */
    public enum Mode {
      AUTOMATIC,
      OFF
    }

    /** Whose earlier writes a read is certain to see. */
    public enum OwnWrites {
      SESSION,
      USER,
      OFF
    }

    /** What a read does when no standby is near enough. */
    public enum AllBehind {
      PRIMARY,
      WAIT,
      ERROR
    }

    public Reads {
      readFunctions = List.copyOf(readFunctions);
    }
  }

  /** What differs for one database; what is empty is as for all. */
  public record DatabaseOverride(
      Optional<PoolMode> poolMode,
      Optional<Integer> poolSize,
      Optional<Integer> minPoolSize,
      Optional<Integer> reservePoolSize,
      Optional<Integer> maxDbConnections,
      Optional<Reads.Mode> reads) {}

  /** What differs for one user; what is empty is as for all. */
  public record UserOverride(Optional<PoolMode> poolMode, Optional<Integer> maxUserConnections) {}

  /**
   * What the gateway writes to the log.
   *
   * @param connections each login and logout
   * @param slowQuery statements that took longer; zero for none
   */
  public record Log(boolean connections, Duration slowQuery) {}

  /** For how long clients of this user in this database keep a server connection. */
  public PoolMode poolMode(String database, String user) {
    return Optional.ofNullable(users.get(user))
        .flatMap(UserOverride::poolMode)
        .or(() -> Optional.ofNullable(databases.get(database)).flatMap(DatabaseOverride::poolMode))
        .orElse(poolMode);
  }

  /** The same but for what the change sets. */
  public GatewaySettings with(Consumer<SettingsDraft> change) {
    SettingsDraft draft = new SettingsDraft(this);
    change.accept(draft);
    return draft.settings();
  }

  /** The same but for the limits that the change sets. */
  public GatewaySettings withLimits(Consumer<Limits.Draft> change) {
    return with(draft -> draft.limits = limits.with(change));
  }

  /** The same but for the timeouts that the change sets. */
  public GatewaySettings withTimeouts(Consumer<Timeouts.Draft> change) {
    return with(draft -> draft.timeouts = timeouts.with(change));
  }

  /** The same with another pool mode. */
  public GatewaySettings withPoolMode(PoolMode mode) {
    return with(draft -> draft.poolMode = mode);
  }

  /** The same with another size of pools, divided over this many loops. */
  public GatewaySettings withPoolSize(int poolSize, int loopCount) {
    return with(draft -> {
      draft.limits = limits.with(changed -> changed.defaultPoolSize = poolSize);
      draft.loops = loopCount;
    });
  }

  /** The same with another bound on clients. */
  public GatewaySettings withMaxClientConnections(int clients) {
    return withLimits(changed -> changed.maxClientConn = clients);
  }

  /** The same with other bounds on waiting for a server, logging in, and pausing or draining. */
  public GatewaySettings withTimeouts(Duration queryWait, Duration login, Duration drain) {
    return withTimeouts(changed -> {
      changed.queryWait = queryWait;
      changed.clientLogin = login;
      changed.hold = drain;
      changed.drain = drain;
    });
  }

  /** The same with another bound on statements kept per server. */
  public GatewaySettings withMaxPreparedStatements(int statements) {
    return withLimits(changed -> changed.maxPreparedStatements = statements);
  }
}
