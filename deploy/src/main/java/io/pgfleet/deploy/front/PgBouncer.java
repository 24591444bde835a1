package io.pgfleet.deploy.front;

import io.pgfleet.deploy.DeployException;
import io.pgfleet.spec.DatabaseSpec;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.GatewaySpec;
import io.pgfleet.spec.GatewaySpec.Limits;
import io.pgfleet.spec.GatewaySpec.Otherwise;
import io.pgfleet.spec.GatewaySpec.Timeouts;
import io.pgfleet.spec.GatewaySpec.TlsMode;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.PoolMode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.regex.Pattern;

/**
 * A {@code pgbouncer.ini} with the options that PgBouncer 1.18 has (pgbouncer.ini(5)), and the
 * limits, times and pool modes of the section {@code gateway}. It holds no password.
 *
 * @param spec the fleet
 * @param listen where PgBouncer listens
 * @param target what it connects to: a gateway, or what stands in front of several or of servers
 * @param reads where the databases {@code NAME_read} connect to, if that is another place; a
 *     gateway knows these names itself
 * @param userList the file of users and verifiers
 */
public record PgBouncer(
    FleetSpec spec, HostPort listen, HostPort target, Optional<HostPort> reads, Path userList) {
  /** What a name may have in the file: PgBouncer 1.18 knows no quotes there. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]+");

  private static final String VERIFIERS =
      "select format('\"%s\" \"%s\"', replace(rolname, '\"', '\"\"'), rolpassword) from pg_authid"
          + " where rolcanlogin and rolpassword like 'SCRAM%'";

  /**
   * Checks that it does not connect to itself.
   *
   * @throws DeployException if it would
   */
  public PgBouncer {
    if (listen.equals(target) || reads.filter(listen::equals).isPresent()) {
      throw new DeployException(
          "PgBouncer would connect to itself at " + listen,
          "choose another --listen, or --to with the address of a gateway");
    }
  }

  /** Prints the lines of {@code userList}: a superuser's query for {@code psql -At}. */
  public static String verifiers() {
    return VERIFIERS;
  }

  /** The file's text. */
  public String text() {
    return """
    # Users and their verifiers are in %1$s, one line for each: "name" "SCRAM-SHA-256$...".
    # A superuser's psql -At prints them, on any host that reaches the fleet:
    #   %2$s
    # Passwords are not in that file: PgBouncer learns a user's keys from the login, and logs in with them in turn.
    # Write it anew after a password has changed; mode 0600, of the user that runs PgBouncer.
    # From PgBouncer 1.19 on, 'auth_dbname = postgres' with an auth_query does without the file.

    [databases]
    %3$s
    [users]
    %4$s
    [pgbouncer]
    %5$s\
    """
        .formatted(userList, VERIFIERS, databases(), users(), settings());
  }

  private String databases() {
    SequencedSet<String> names = new LinkedHashSet<>();
    spec.databases().stream().map(DatabaseSpec::name).forEach(names::add);
    names.addAll(spec.gateway().databases().keySet());
    StringBuilder lines = new StringBuilder();
    for (String name : names) {
      Optional<Otherwise> own = Optional.ofNullable(spec.gateway().databases().get(name));
      String options = own.map(PgBouncer::databaseOptions).orElse("");
      lines.append(plain(name)).append(" = ").append(server(target, name)).append(options);
      lines.append('\n');
      reads.ifPresent(to ->
          lines
              .append(plain(name + "_read"))
              .append(" = ")
              .append(server(to, name))
              .append(options)
              .append('\n'));
    }
    lines.append("# Every other database by its own name.\n* = ").append(server(target));
    return lines.append('\n').toString();
  }

  private static String server(HostPort to) {
    return "host=" + to.host() + " port=" + to.port();
  }

  private static String server(HostPort to, String database) {
    return server(to) + " dbname=" + plain(database);
  }

  private static String databaseOptions(Otherwise own) {
    StringBuilder options = new StringBuilder();
    own.poolMode().ifPresent(mode -> options.append(" pool_mode=").append(word(mode)));
    own.poolSize().ifPresent(size -> options.append(" pool_size=").append(size));
    own.minPoolSize().ifPresent(size -> options.append(" min_pool_size=").append(size));
    own.reservePoolSize().ifPresent(size -> options.append(" reserve_pool=").append(size));
    own.maxConnections().ifPresent(most -> options.append(" max_db_connections=").append(most));
    return options.toString();
  }

  private String users() {
    StringBuilder lines = new StringBuilder();
    spec.gateway()
        .users()
        .forEach((name, own) -> {
          List<String> options = new ArrayList<>();
          own.poolMode().ifPresent(mode -> options.add("pool_mode=" + word(mode)));
          own.maxConnections().ifPresent(most -> options.add("max_user_connections=" + most));
          if (!options.isEmpty()) {
            lines.append(plain(name)).append(" = ").append(String.join(" ", options)).append('\n');
          }
        });
    return lines.toString();
  }

  private String settings() {
    GatewaySpec gateway = spec.gateway();
    Limits limits = gateway.limits();
    Timeouts times = gateway.timeouts();
    StringBuilder lines = new StringBuilder();
    put(lines, "listen_addr", listen.host());
    put(lines, "listen_port", listen.port());
    lines.append("# None: its folder would have to be chosen for this host.\n");
    put(lines, "unix_socket_dir", "");
    put(lines, "auth_type", "scram-sha-256");
    put(lines, "auth_file", userList);
    put(lines, "pool_mode", word(gateway.poolMode()));
    lines.append("# What pgJDBC sends, and nobody has to agree on.\n");
    put(lines, "ignore_startup_parameters", "extra_float_digits");
    put(lines, "max_client_conn", limits.maxClientConn());
    put(lines, "default_pool_size", limits.defaultPoolSize());
    put(lines, "min_pool_size", limits.minPoolSize());
    put(lines, "reserve_pool_size", limits.reservePoolSize());
    put(lines, "max_db_connections", limits.maxDbConnections());
    put(lines, "max_user_connections", limits.maxUserConnections());
    put(lines, "query_wait_timeout", seconds(times.queryWait()));
    put(lines, "reserve_pool_timeout", seconds(times.reservePool()));
    put(lines, "query_timeout", seconds(times.query()));
    put(lines, "idle_transaction_timeout", seconds(times.idleTransaction()));
    put(lines, "client_idle_timeout", seconds(times.clientIdle()));
    put(lines, "client_login_timeout", seconds(times.clientLogin()));
    put(lines, "server_connect_timeout", seconds(times.serverConnect()));
    put(lines, "server_login_retry", seconds(times.serverLoginRetry()));
    put(lines, "server_lifetime", seconds(times.serverLifetime()));
    put(lines, "server_idle_timeout", seconds(times.serverIdle()));
    put(lines, "tcp_keepalive", gateway.keepalive().on() ? 1 : 0);
    put(lines, "tcp_keepidle", gateway.keepalive().idle().toSeconds());
    put(lines, "tcp_keepintvl", gateway.keepalive().interval().toSeconds());
    put(lines, "tcp_keepcnt", gateway.keepalive().probes());
    put(lines, "admin_users", names(gateway.adminUsers()));
    put(lines, "stats_users", names(gateway.statsUsers()));
    lines.append(serverTls(gateway.clientTls().mode()));
    return lines.toString();
  }

  /** TLS to the target, as far as the gateway asks for it. */
  private static String serverTls(TlsMode mode) {
    return switch (mode) {
      case DISABLE -> "server_tls_sslmode = prefer\n";
      case PREFER, REQUIRE ->
          """
          # With the authority of the gateway's certificate: server_tls_ca_file = FILE, and verify-full here.
          server_tls_sslmode = require
          """;
      case VERIFY_CA, VERIFY_FULL ->
          """
          # The gateway asks for a certificate (gateway.tls.mode): put PgBouncer's own and its key here.
          server_tls_sslmode = require
          server_tls_cert_file = /etc/pgbouncer/client.crt
          server_tls_key_file = /etc/pgbouncer/client.key
          """;
    };
  }

  private static void put(StringBuilder lines, String name, Object value) {
    lines.append(name).append(" = ").append(value).append('\n');
  }

  /** A setting of zero means off or the system's own on both sides. */
  private static String seconds(Duration time) {
    return BigDecimal.valueOf(time.toMillis())
        .divide(BigDecimal.valueOf(1000), 3, RoundingMode.UNNECESSARY)
        .stripTrailingZeros()
        .toPlainString();
  }

  private static String word(PoolMode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  private static String names(List<String> users) {
    return String.join(", ", users.stream().map(PgBouncer::plain).toList());
  }

  private static String plain(String name) {
    if (!PLAIN.matcher(name).matches()) {
      throw unwritable(name);
    }
    return name;
  }

  private static DeployException unwritable(String name) {
    return new DeployException(
        "'" + name + "' can't be written into a pgbouncer.ini of PgBouncer 1.18",
        "take what is said of it in gateway out of fleet.yaml, or use the gateway alone");
  }
}
