package io.pgfleet.bench.peer;

import io.pgfleet.bench.Target;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pgpool-II in raw mode: one server, no load balancing. It has a process, and so a server
 * connection, for each client.
 */
final class Pgpool {
  private static final Pattern VERSION = Pattern.compile("version (\\S+)");

  /** It has a process for each, and the server one more. */
  private static final int MOST_CLIENTS = 210;

  private Pgpool() {}

  static String version(Path program) throws InterruptedException {
    Matcher matcher =
        VERSION.matcher(Programs.run(List.of(program.toString(), "--version"), Map.of()));
    return matcher.find() ? matcher.group(1) : "unknown";
  }

  static Daemon start(Path program, Pooling pooling, int port, int ownPort, Path within)
      throws InterruptedException {
    Path folder = Daemon.folder(within, "pgpool");
    Target server = pooling.server();
    Path file = Daemon.write(folder, "pgpool.conf", settings(pooling, port, ownPort, folder));
    Path rules = Daemon.write(folder, "pool_hba.conf", "host all all 127.0.0.1/32 scram-sha-256\n");
    Path control = Daemon.write(folder, "pcp.conf", "");
    Daemon.write(folder, "pool_passwd", server.user() + ":TEXT" + server.password() + "\n");
    List<String> command =
        List.of(
            program.toString(),
            "-n",
            "-f",
            file.toString(),
            "-a",
            rules.toString(),
            "-F",
            control.toString());
    return Daemon.start("Pgpool-II", Daemon.unprivileged(folder, command), port, folder);
  }

  static String settings(Pooling pooling, int port, int ownPort, Path folder) {
    return """
    backend_clustering_mode = 'raw'
    listen_addresses = '127.0.0.1'
    port = %1$d
    socket_dir = '%2$s'
    pcp_listen_addresses = '127.0.0.1'
    pcp_port = %3$d
    pcp_socket_dir = '%2$s'
    backend_hostname0 = '%4$s'
    backend_port0 = %5$d
    backend_weight0 = 1
    backend_flag0 = 'DISALLOW_TO_FAILOVER'
    num_init_children = %6$d
    max_pool = 1
    load_balance_mode = off
    enable_pool_hba = on
    pool_passwd = 'pool_passwd'
    log_connections = off
    pid_file_name = '%2$s/pgpool.pid'
    logdir = '%2$s'
    use_watchdog = off
    """
        .formatted(
            port,
            folder,
            ownPort,
            pooling.server().host(),
            pooling.server().port(),
            Math.min(pooling.clients(), MOST_CLIENTS));
  }
}
