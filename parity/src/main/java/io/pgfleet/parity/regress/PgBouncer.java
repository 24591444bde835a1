package io.pgfleet.parity.regress;

import io.pgfleet.parity.ParityException;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestInstallations;
import io.pgfleet.testkit.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A PgBouncer in transaction mode before a server, as a yardstick. */
final class PgBouncer implements AutoCloseable {
  private static final int ATTEMPTS = 200;
  private static final long BETWEEN_MILLIS = 50;

  private final Process process;
  private final TestFolder folder;
  private final int port;

  private PgBouncer(Process process, TestFolder folder, int port) {
    this.process = process;
    this.folder = folder;
    this.port = port;
  }

  static PgBouncer start(Path program, TestPostgres server, int poolSize)
      throws IOException, InterruptedException {
    TestFolder folder = TestFolder.create();
    ServerUser user = TestInstallations.user();
    int port = FreePorts.one();
    Path users = folder.resolve("users.txt");
    Path settings = folder.resolve("pgbouncer.ini");
    Path log = folder.resolve("log");
    Files.writeString(users, "\"" + TestPostgres.USER + "\" \"" + TestPostgres.PASSWORD + "\"\n");
    Files.writeString(settings, settings(server, port, poolSize, users));
    for (Path file : List.of(users, settings)) {
      user.own(file);
    }
    Process process =
        new ProcessBuilder(user.command(List.of(program.toString(), settings.toString())))
            .directory(folder.path().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    PgBouncer made = new PgBouncer(process, folder, port);
    if (!made.listens()) {
      String said = Files.readString(log);
      made.close();
      throw new ParityException(
          "PgBouncer does not start: " + said.strip(), "leave it out: --routes");
    }
    return made;
  }

  private static String settings(TestPostgres server, int port, int poolSize, Path users) {
    return """
    [databases]
    * = host=127.0.0.1 port=%d
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = %d
    unix_socket_dir =
    auth_type = scram-sha-256
    auth_file = %s
    pool_mode = transaction
    default_pool_size = %d
    ignore_startup_parameters = options,extra_float_digits
    log_connections = 0
    log_disconnections = 0
    """
        .formatted(server.port(), port, users, poolSize);
  }

  private boolean listens() throws InterruptedException {
    for (int i = 0; i < ATTEMPTS && process.isAlive(); i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return socket.isConnected();
      } catch (IOException e) {
        Thread.sleep(BETWEEN_MILLIS);
      }
    }
    return false;
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    folder.close();
  }
}
