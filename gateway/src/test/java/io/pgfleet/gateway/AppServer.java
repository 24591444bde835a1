package io.pgfleet.gateway;

import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.TopologySource;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.scram.ScramVerifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A throw-away server with the gateway's schema, a user {@code app} with the password {@code app},
 * and a database {@code app} of that user.
 */
final class AppServer implements AutoCloseable {
  /** The role that the gateway reads verifiers with. */
  static final LookupAccount LOOKUP = new LookupAccount("postgres", GatewaySchema.ROLE, "lookup");

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestPostgres postgres;

  private AppServer(TestPostgres postgres) {
    this.postgres = postgres;
  }

  static AppServer create() {
    return create(Map.of());
  }

  /** The same with a table {@code t} of numbers. */
  static AppServer withTable() throws SQLException {
    AppServer server = create();
    try (Connection connection = server.connect("app");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (n int); GRANT ALL ON t TO app");
    }
    return server;
  }

  /** The same with settings of its own. */
  static AppServer create(Map<String, String> settings) {
    TestPostgres postgres = TestPostgres.start(settings);
    try {
      postgres.sql(GatewaySchema.sql());
      postgres.sql("ALTER ROLE " + GatewaySchema.ROLE + " PASSWORD 'lookup'");
      postgres.sql(
          "CREATE ROLE app LOGIN PASSWORD '"
              + ScramVerifier.of("app", new byte[16], 4096).text()
              + "'");
      postgres.sql("CREATE DATABASE app OWNER app");
      return new AppServer(postgres);
    } catch (RuntimeException e) {
      postgres.close();
      throw e;
    }
  }

  /** A gateway before this server alone, on a free port. */
  Gateway gateway(UnaryOperator<GatewaySettings> change) throws IOException {
    return gateway(change, new MovablePrimary(primary(1)));
  }

  static Gateway gateway(UnaryOperator<GatewaySettings> change, TopologySource primary)
      throws IOException {
    InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return Gateway.start(change.apply(GatewaySettings.of(free)), primary, LOOKUP);
  }

  void start() {
    postgres.restart();
  }

  void stop(StopMode mode) {
    postgres.server().stop(mode, PATIENCE);
  }

  int port() {
    return postgres.port();
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
  }

  Primary primary(long term) {
    return new Primary("node" + port(), postgres.host(), port(), term);
  }

  /** The server's fixture, to make standbys of it and the like. */
  TestPostgres postgres() {
    return postgres;
  }

  /** Connects directly, as the superuser. */
  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port() + "/" + database,
        TestPostgres.USER,
        TestPostgres.PASSWORD);
  }

  @Override
  public void close() {
    postgres.close();
  }
}
