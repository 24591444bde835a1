package io.pgfleet.postgres;

import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.EmbeddedBinaries;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.postgres.install.InstalledPostgres;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A temporary folder for servers of one test; whatever runs in it is killed at the end. (The
 * testkit stands above this module and can't be used here.)
 */
final class Sandbox implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final String PASSWORD = "pass'word\\ with:all";

  private final Path folder;
  private final List<Server> servers = new ArrayList<>();

  Sandbox() {
    try {
      folder = Files.createTempDirectory("pgfleet-postgres-it");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ServerUser user() {
    return ServerUser.resolve(Optional.empty());
  }

  static Installation embedded() {
    return EmbeddedBinaries.unpack(cache().resolve("binaries"), user());
  }

  private static Path cache() {
    return Path.of(System.getProperty("java.io.tmpdir"))
        .resolve("pgfleet-testkit-" + System.getProperty("user.name"));
  }

  /** The embedded PostgreSQL and every installed one. */
  static List<Installation> installations() {
    List<Installation> all = new ArrayList<>(List.of(embedded()));
    all.addAll(InstalledPostgres.find());
    return all;
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  /** A server whose data is yet to be made. */
  Server server(Installation installation, String name) {
    Server server = new Server(installation, path(name), user());
    servers.add(server);
    return server;
  }

  /** A server with data, copied from what was once made, configured and not started. */
  Server made(Installation installation, String name) {
    Server server = server(installation, name);
    Path template = cache().resolve("postgres-it-" + installation.majorVersion());
    try {
      if (!Files.exists(template)) {
        new Server(installation, template, user())
            .initialize(Initialization.withPassword(PASSWORD));
      }
      Commands.Result copied =
          Commands.run(List.of("cp", "-Rp", template.toString(), path(name).toString()), PATIENCE);
      if (!copied.succeeded()) {
        throw new IOException(copied.output());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.configure(ServerConfig.loopback(freePort()));
    return server;
  }

  /** A running server. */
  Server started(Installation installation, String name) {
    Server server = made(installation, name);
    server.start(PATIENCE);
    return server;
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ServerStatus.Running running(Server server) {
    if (server.status() instanceof ServerStatus.Running running) {
      return running;
    }
    throw new IllegalStateException("not running: " + server.status());
  }

  static ConnectSettings login(Server server) {
    return ConnectSettings.of("127.0.0.1", running(server).port(), "postgres", "postgres")
        .withPassword(PASSWORD);
  }

  static String sql(Server server, String statement) throws Exception {
    try (Connection connection = Connection.open(login(server))) {
      var rows = connection.query(statement).getLast().rows();
      return rows.isEmpty() ? "" : String.valueOf(rows.getFirst().get(0));
    }
  }

  /** Kills the postmaster as kill -9 does and waits until it is gone. */
  static void kill(Server server) throws InterruptedException {
    long pid = running(server).pid();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    while (io.pgfleet.postgres.host.Processes.runs(pid)) {
      Thread.sleep(5);
    }
  }

  /** Kills every server and waits until their postmasters are gone. */
  void killServers() {
    for (Server server : servers) {
      DataFolder data = server.data();
      data.postmasterPid()
          .filter(postmaster -> postmaster.isAlive(data.realPath()))
          .flatMap(postmaster -> ProcessHandle.of(postmaster.pid()))
          .ifPresent(handle -> {
            handle.destroyForcibly();
            handle.onExit().join();
          });
    }
  }

  @Override
  public void close() {
    killServers();
    try {
      FileTrees.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
