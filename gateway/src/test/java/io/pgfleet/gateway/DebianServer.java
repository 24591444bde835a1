package io.pgfleet.gateway;

import io.pgfleet.wire.scram.ScramVerifier;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A throw-away server of an installed PostgreSQL, with SCRAM, in a temporary folder. */
final class DebianServer implements AutoCloseable {
  static final String PASSWORD = "geheim'\\ pass";
  private static final Path BIN = Path.of("/usr/lib/postgresql/15/bin");

  private final Path folder;
  private final int port;
  private boolean running;

  private DebianServer(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  static boolean available() {
    return Files.isExecutable(BIN.resolve("initdb"));
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Makes and starts a server with the gateway's schema and a user {@code app} with a database. */
  static DebianServer create(String... settings) throws IOException, SQLException {
    Path folder = Files.createTempDirectory("pgfleet-gateway-");
    run("chown", "postgres", folder.toString());
    Path passwordFile = Files.createTempFile("pgfleet-password", "");
    Files.writeString(passwordFile, PASSWORD);
    run("chown", "postgres", passwordFile.toString());
    asPostgres(
        BIN.resolve("initdb").toString(),
        "-D",
        folder.resolve("data").toString(),
        "-U",
        "postgres",
        "-A",
        "scram-sha-256",
        "--no-sync",
        "--no-locale",
        "-E",
        "UTF8",
        "--pwfile=" + passwordFile);
    Files.delete(passwordFile);
    int port = freePort();
    List<String> lines = new ArrayList<>();
    lines.add("port = " + port);
    lines.add("listen_addresses = '127.0.0.1'");
    lines.add("unix_socket_directories = ''");
    lines.add("fsync = off");
    lines.add("max_connections = 60");
    lines.add("max_prepared_transactions = 5");
    lines.addAll(Arrays.asList(settings));
    Path configuration = folder.resolve("data/postgresql.conf");
    Files.writeString(
        configuration, Files.readString(configuration) + String.join("\n", lines) + "\n");
    DebianServer server = new DebianServer(folder, port);
    server.start();
    try (Connection connection = server.connect("postgres")) {
      connection.createStatement().execute(GatewaySchema.sql());
      connection
          .createStatement()
          .execute(
              "ALTER ROLE pgfleet_gateway PASSWORD 'lookup'; CREATE ROLE app LOGIN PASSWORD '"
                  + ScramVerifier.of("app", new byte[16], 4096).text()
                  + "'");
      connection.createStatement().execute("CREATE DATABASE app OWNER app");
    }
    return server;
  }

  void start() throws IOException {
    asPostgres(
        BIN.resolve("pg_ctl").toString(),
        "-D",
        folder.resolve("data").toString(),
        "-l",
        folder.resolve("log").toString(),
        "-w",
        "start");
    running = true;
  }

  /** Stops in PostgreSQL's mode {@code fast} or {@code immediate}. */
  void stop(String mode) throws IOException {
    running = false;
    asPostgres(
        BIN.resolve("pg_ctl").toString(),
        "-D",
        folder.resolve("data").toString(),
        "-m",
        mode,
        "-w",
        "stop");
  }

  int port() {
    return port;
  }

  Primary primary(long term) {
    return new Primary("node" + port, "127.0.0.1", port, term);
  }

  /** Connects directly, as the superuser. */
  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, "postgres", PASSWORD);
  }

  @Override
  public void close() throws IOException {
    if (running) {
      stop("immediate");
    }
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static void asPostgres(String... command) throws IOException {
    List<String> all = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      all.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    all.addAll(Arrays.asList(command));
    run(all.toArray(String[]::new));
  }

  private static void run(String... command) throws IOException {
    Path output = Files.createTempFile("pgfleet-output", "");
    Process process =
        new ProcessBuilder(command)
            .directory(Path.of("/tmp").toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = false;
    try {
      ended = process.waitFor(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(
          String.join(" ", command) + " failed: " + Files.readString(output));
    }
    Files.delete(output);
  }
}
