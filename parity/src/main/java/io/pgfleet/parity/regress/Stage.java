package io.pgfleet.parity.regress;

import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.PoolMode;
import io.pgfleet.parity.GatewayServer;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A new server with an empty database, the way to it, and two neighbours: clients that open and
 * close transactions all the time, so that a pool has to hand its servers around.
 */
final class Stage implements AutoCloseable {
  static final String DATABASE = "regression";
  private static final int POOL = 4;
  private static final int NEIGHBOURS = 2;

  private final GatewayServer server;
  private final Route route;
  private final @Nullable Gateway gateway;
  private final @Nullable PgBouncer pgbouncer;
  private final List<Neighbour> neighbours;

  private Stage(GatewayServer server, Route route, Path pgbouncerProgram)
      throws IOException, InterruptedException {
    this.server = server;
    this.route = route;
    this.gateway =
        switch (route) {
          case SESSION ->
              server.gateway(
                  settings -> settings.withPoolMode(PoolMode.SESSION).withPoolSize(POOL, 1));
          case TRANSACTION ->
              server.gateway(
                  settings -> settings.withPoolMode(PoolMode.TRANSACTION).withPoolSize(POOL, 1));
          case DIRECT, PGBOUNCER -> null;
        };
    this.pgbouncer =
        route == Route.PGBOUNCER
            ? PgBouncer.start(pgbouncerProgram, server.postgres(), POOL)
            : null;
    this.neighbours =
        java.util.stream.Stream.generate(() -> new Neighbour(port())).limit(NEIGHBOURS).toList();
  }

  static Stage open(Installation installation, Route route, Path pgbouncer)
      throws IOException, InterruptedException {
    GatewayServer server =
        GatewayServer.start(
            installation,
            Map.of("fsync", "off", "max_prepared_transactions", "2", "max_connections", "60"));
    try {
      prepare(server.postgres());
      return new Stage(server, route, pgbouncer);
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** As pg_regress makes it. */
  private static void prepare(TestPostgres postgres) {
    postgres.sql(
        "CREATE DATABASE "
            + DATABASE
            + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
    for (String setting : List.of("lc_messages", "lc_monetary", "lc_numeric", "lc_time")) {
      postgres.sql("ALTER DATABASE " + DATABASE + " SET " + setting + " TO 'C'");
    }
    postgres.sql("ALTER DATABASE " + DATABASE + " SET bytea_output TO 'hex'");
    postgres.sql("ALTER DATABASE " + DATABASE + " SET timezone_abbreviations TO 'Default'");
    // Where a server is shared, RESET can only give a parameter's default of the database, not the
    // value of the client's start-up packet: so here both are the same, on every route.
    postgres.sql("ALTER DATABASE " + DATABASE + " SET datestyle TO 'Postgres, MDY'");
    postgres.sql("ALTER DATABASE " + DATABASE + " SET timezone TO 'America/Los_Angeles'");
    postgres.sql("ALTER DATABASE " + DATABASE + " SET intervalstyle TO 'postgres_verbose'");
  }

  int port() {
    if (gateway != null) {
      return gateway.address().getPort();
    }
    return pgbouncer == null ? server.postgres().port() : pgbouncer.port();
  }

  Route route() {
    return route;
  }

  /** What is wrong with the way once all tests have run, if anything is. */
  Optional<String> flaw() {
    for (Neighbour neighbour : neighbours) {
      if (neighbour.failure().isPresent()) {
        return Optional.of("a client beside the tests failed: " + neighbour.failure().get());
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    neighbours.forEach(Neighbour::close);
    if (gateway != null) {
      gateway.close();
    }
    if (pgbouncer != null) {
      pgbouncer.close();
    }
    server.close();
  }

  /** A client that opens and closes empty transactions. */
  private static final class Neighbour implements AutoCloseable {
    private static final long HELD_MILLIS = 5;

    private final Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable String failure;

    Neighbour(int port) {
      thread = Thread.ofVirtual().name("neighbour").start(() -> run(port));
    }

    Optional<String> failure() {
      return Optional.ofNullable(failure);
    }

    private void run(int port) {
      try (Connection connection =
          Connection.open(
              io.pgfleet.wire.client.ConnectSettings.of(
                      "127.0.0.1", port, DATABASE, TestPostgres.USER)
                  .withPassword(TestPostgres.PASSWORD))) {
        while (!stopping) {
          connection.query("BEGIN");
          Thread.sleep(HELD_MILLIS);
          connection.query("COMMIT");
          Thread.sleep(HELD_MILLIS / 2);
        }
      } catch (IOException | PostgresException e) {
        failure = e.toString();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      stopping = true;
      try {
        thread.join(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
