package io.pgfleet.bench.peer;

import io.pgfleet.bench.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PgBouncer in transaction mode before a server. */
final class PgBouncer {
  private static final Pattern VERSION = Pattern.compile("PgBouncer (\\d+)\\.(\\d+)");

  private PgBouncer() {}

  /** A version, and what follows from it. */
  record Version(String text, boolean prepared) {
    /** Since 1.21 it follows prepared statements (its changelog, max_prepared_statements). */
    static Version parse(String output) {
      Matcher matcher = VERSION.matcher(output);
      if (!matcher.find()) {
        return new Version("unknown", false);
      }
      int major = Integer.parseInt(matcher.group(1));
      int minor = Integer.parseInt(matcher.group(2));
      return new Version(major + "." + minor, major > 1 || minor >= 21);
    }
  }

  static Version version(Path program) throws InterruptedException {
    return Version.parse(Programs.run(List.of(program.toString(), "--version"), Map.of()));
  }

  static Daemon start(
      Path program, Pooling pooling, int port, Path within, Optional<Certificate> certificate)
      throws InterruptedException {
    Path folder = Daemon.folder(within, "pgbouncer");
    Path users = Daemon.write(folder, "userlist.txt", users(pooling));
    String settings = settings(pooling, port, users, version(program).prepared());
    if (certificate.isPresent()) {
      settings += tls(folder, certificate.get());
    }
    Path file = Daemon.write(folder, "pgbouncer.ini", settings);
    List<String> command = List.of(program.toString(), file.toString());
    return Daemon.start("PgBouncer", Daemon.unprivileged(folder, command), port, folder);
  }

  /** Copies of its own, since it may run as another user. */
  private static String tls(Path folder, Certificate certificate) {
    try {
      Path key = Daemon.write(folder, "server.key", Files.readString(certificate.key()));
      Path own = Daemon.write(folder, "server.crt", Files.readString(certificate.certificate()));
      return "client_tls_sslmode = allow\nclient_tls_key_file = "
          + key
          + "\nclient_tls_cert_file = "
          + own
          + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * With the verifier, not the password: from a password PgBouncer would derive keys anew at every
   * login, which would make it look slow.
   */
  static String users(Pooling pooling) {
    return quoted(pooling.server().user()) + " " + quoted(pooling.verifier()) + "\n";
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\"", "\"\"") + "\"";
  }

  static String settings(Pooling pooling, int port, Path users, boolean prepared) {
    Target server = pooling.server();
    return """
    [databases]
    %s = host=%s port=%d
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = %d
    unix_socket_dir =
    auth_type = scram-sha-256
    auth_file = %s
    pool_mode = transaction
    default_pool_size = %d
    max_client_conn = %d
    listen_backlog = 4096
    log_connections = 0
    log_disconnections = 0
    %s
    """
        .formatted(
            server.database(),
            server.host(),
            server.port(),
            port,
            users,
            pooling.serverConnections(),
            pooling.clients(),
            prepared ? "max_prepared_statements = 200" : "");
  }
}
