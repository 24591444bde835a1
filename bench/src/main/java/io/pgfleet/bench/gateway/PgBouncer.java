package io.pgfleet.bench.gateway;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PgBouncer in transaction mode before a server, with files of its own. */
final class PgBouncer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Pattern VERSION = Pattern.compile("PgBouncer (\\d+)\\.(\\d+)");

  private final Process process;
  private final int port;
  private final String version;
  private final boolean prepared;

  private PgBouncer(Process process, int port, String version, boolean prepared) {
    this.process = process;
    this.port = port;
    this.version = version;
    this.prepared = prepared;
  }

  /**
   * Starts one.
   *
   * @param server what it stands before
   * @param folder for its files
   */
  static PgBouncer start(Path program, Target server, int port, int poolSize, Path folder)
      throws InterruptedException {
    String answer = Programs.run(List.of(program.toString(), "--version"), Map.of());
    Matcher matcher = VERSION.matcher(answer);
    boolean known = matcher.find();
    // Since 1.21 it follows prepared statements (its changelog, max_prepared_statements).
    boolean prepared =
        known
            && (Integer.parseInt(matcher.group(1)) > 1 || Integer.parseInt(matcher.group(2)) >= 21);
    String version = known ? matcher.group(1) + "." + matcher.group(2) : "unknown";
    try {
      Path own = Files.createDirectory(folder.resolve("pgbouncer"));
      Path users = own.resolve("userlist.txt");
      Path settings = own.resolve("pgbouncer.ini");
      Files.writeString(users, users(server));
      Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-------"));
      Files.writeString(settings, settings(server, port, poolSize, users, prepared));
      Process process =
          new ProcessBuilder(command(program, settings, List.of(own, users, settings)))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("pgbouncer.log").toFile())
              .start();
      awaitPort(process, port, folder.resolve("pgbouncer.log"));
      return new PgBouncer(process, port, version, prepared);
    } catch (IOException e) {
      throw new BenchException("can't start PgBouncer: " + e.getMessage(), "leave it out");
    }
  }

  /** It refuses to run as root. */
  private static List<String> command(Path program, Path settings, List<Path> files)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      for (Path file : files) {
        Files.setOwner(
            file,
            file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
      }
      command.addAll(
          List.of("setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"));
    }
    command.add(program.toString());
    command.add(settings.toString());
    return command;
  }

  static String users(Target server) {
    return quoted(server.user()) + " " + quoted(server.password()) + "\n";
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\"", "\"\"") + "\"";
  }

  static String settings(Target server, int port, int poolSize, Path users, boolean prepared) {
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
    max_client_conn = 1000
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
            poolSize,
            prepared ? "max_prepared_statements = 200" : "");
  }

  private static void awaitPort(Process process, int port, Path log)
      throws InterruptedException, IOException {
    long began = System.nanoTime();
    while (true) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.getPort();
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() - began > PATIENCE.toNanos()) {
          process.destroy();
          throw new BenchException(
              "PgBouncer does not listen: " + Files.readString(log).strip(), "");
        }
        Thread.sleep(20);
      }
    }
  }

  Route route() {
    return new Route(
        "PgBouncer " + version, port, java.util.OptionalLong.of(process.pid()), prepared);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
