package io.pgfleet.testkit;

import io.pgfleet.postgres.Initialization;
import io.pgfleet.postgres.Role;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.ServerStatus;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.Upstream;
import io.pgfleet.postgres.backup.StandbyClone;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.PartialFolder;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A real server for a test, in a temporary folder, on a free port of 127.0.0.1, with the superuser
 * {@code postgres}. It starts in a fraction of a second from a copy of a database that was made
 * once for all tests (so all have one system identifier, unless {@link #startNew}). Closing kills
 * it and deletes its folder; so does the end of the JVM.
 */
public final class TestPostgres implements AutoCloseable {
  /** The superuser's name. */
  public static final String USER = "postgres";

  /** The superuser's password. */
  public static final String PASSWORD = "testkit-password";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PORTS_TRIED = 5;

  private final TestFolder folder;
  private final Server server;
  private final Thread atExit = new Thread(this::release, "test-postgres-release");
  private ServerConfig config;

  private TestPostgres(TestFolder folder, Installation installation) {
    this.folder = folder;
    this.server = new Server(installation, folder.resolve("data"), TestInstallations.user());
    this.config = ServerConfig.loopback(FreePorts.one());
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** The embedded PostgreSQL. */
  public static TestPostgres start() {
    return start(TestInstallations.embedded(), Map.of());
  }

  /** The embedded PostgreSQL with settings of its own. */
  public static TestPostgres start(Map<String, String> settings) {
    return start(TestInstallations.embedded(), settings);
  }

  /** The newest PostgreSQL installed on this machine, if there is any. */
  public static Optional<TestPostgres> startInstalled() {
    return TestInstallations.installed().map(found -> start(found, Map.of()));
  }

  /** A server of the given programs with settings of its own. */
  public static TestPostgres start(Installation installation, Map<String, String> settings) {
    TestPostgres made = new TestPostgres(TestFolder.create(), installation);
    return made.begin(settings, () -> made.copy(template(installation)));
  }

  /** A server whose data was made for it alone, with a system identifier of its own. */
  public static TestPostgres startNew(Installation installation) {
    TestPostgres made = new TestPostgres(TestFolder.create(), installation);
    return made.begin(
        Map.of(), () -> made.server.initialize(Initialization.withPassword(PASSWORD)));
  }

  private interface Step {
    void run() throws IOException;
  }

  private TestPostgres begin(Map<String, String> settings, Step fill) {
    try {
      fill.run();
      config = config.withUserSettings(settings);
      startSomewhere();
      return this;
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void startSomewhere() {
    for (int i = 1; ; i++) {
      try {
        server.configure(config);
        server.start(PATIENCE);
        return;
      } catch (ServerException e) {
        if (e.kind() != Kind.PORT_BUSY || i == PORTS_TRIED) {
          throw e;
        }
        config = withPort(FreePorts.one());
      }
    }
  }

  private ServerConfig withPort(int port) {
    return new ServerConfig(
        port,
        config.listenAddresses(),
        config.networks(),
        config.socketFolder(),
        config.role(),
        config.userSettings(),
        config.ownSettings());
  }

  private static Path template(Installation installation) throws IOException {
    ServerUser user = TestInstallations.user();
    Path template =
        TestInstallations.cache()
            .resolve("template-" + installation.version().replaceAll("[^0-9A-Za-z.]", "-"));
    if (!Files.exists(template)) {
      // initdb of the Server takes the lock by itself; this one makes the second comer wait.
      try (var _ =
          PartialFolder.beginInTurn(
              template.resolveSibling(template.getFileName() + "-turn"), user, PATIENCE)) {
        if (!Files.exists(template)) {
          new Server(installation, template, user)
              .initialize(Initialization.withPassword(PASSWORD));
        }
      }
    }
    return template;
  }

  private void copy(Path template) throws IOException {
    Commands.Result result =
        Commands.run(
            List.of("cp", "-Rp", template.toString(), server.data().path().toString()), PATIENCE);
    if (!result.succeeded()) {
      throw new IOException(result.output());
    }
  }

  /**
   * A standby of this server that streams through a slot of its name; to be closed before this one.
   *
   * @param name its application name, lower-case letters, digits and underscores
   */
  public TestPostgres standby(String name) {
    TestPostgres standby = new TestPostgres(TestFolder.create(), server.installation());
    return standby.begin(
        config.userSettings(),
        () -> {
          new StandbyClone(
                  settings(USER), standby.server.user(), Optional.of(name), OptionalLong.empty())
              .into(standby.server.data().path(), _ -> {});
          Upstream upstream = new Upstream(host(), port(), USER, PASSWORD, name, Optional.of(name));
          standby.config = standby.config.withRole(new Role.Standby(Optional.of(upstream)));
        });
  }

  /** The server, to stop, promote and configure. */
  public Server server() {
    return server;
  }

  /** What it was last configured with by this fixture. */
  public ServerConfig config() {
    return config;
  }

  /** Always 127.0.0.1. */
  public String host() {
    return "127.0.0.1";
  }

  /** The TCP port. */
  public int port() {
    return config.port();
  }

  /** The postmaster's process. */
  public long pid() {
    if (server.status() instanceof ServerStatus.Running running) {
      return running.pid();
    }
    throw new IllegalStateException("the server is not running: " + server.status());
  }

  /** How to connect as the superuser. */
  public ConnectSettings settings(String database) {
    return ConnectSettings.of(host(), port(), database, USER).withPassword(PASSWORD);
  }

  /** A connection as the superuser to the database {@code postgres}. */
  public Connection connect() {
    try {
      return Connection.open(settings(USER));
    } catch (IOException | PostgresException e) {
      throw new IllegalStateException("can't connect to the test server", e);
    }
  }

  /** Runs statements as the superuser; the last one's first value, or an empty text. */
  public String sql(String statements) {
    try (Connection connection = connect()) {
      var rows = connection.query(statements).getLast().rows();
      return rows.isEmpty() ? "" : String.valueOf(rows.getFirst().get(0));
    } catch (IOException | PostgresException e) {
      throw new IllegalStateException("the test server refused: " + statements, e);
    }
  }

  /** Kills the postmaster as {@code kill -9} does. */
  public void kill() {
    ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroyForcibly);
  }

  /** Starts it again on the same port after a stop or a kill. */
  public void restart() {
    server.configure(config);
    server.start(PATIENCE);
  }

  /** Kills the server and deletes its folder. */
  @Override
  public void close() {
    release();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException ignored) {
      // the JVM is ending, and the hook runs by itself
    }
  }

  private void release() {
    try {
      server.stop(StopMode.IMMEDIATE, PATIENCE);
    } catch (ServerException ignored) {
      // what does not stop is killed with its folder
    } finally {
      folder.close();
    }
  }
}
