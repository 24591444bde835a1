package io.pgfleet.parity;

import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.GatewaySchema;
import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.gateway.LookupAccount;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.scram.ScramVerifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A throw-away server that gateways can be put before. */
public final class GatewayServer implements AutoCloseable {
  private static final int SALT = 16;
  private static final int ITERATIONS = 4096;

  private final TestPostgres postgres;

  private GatewayServer(TestPostgres postgres) {
    this.postgres = postgres;
  }

  /** A server with what the gateway needs in it. */
  public static GatewayServer start(Installation installation, Map<String, String> settings) {
    TestPostgres postgres = TestPostgres.start(installation, settings);
    try {
      postgres.sql(GatewaySchema.sql());
      postgres.sql("ALTER ROLE " + GatewaySchema.ROLE + " PASSWORD 'lookup'");
      return new GatewayServer(postgres);
    } catch (RuntimeException e) {
      postgres.close();
      throw e;
    }
  }

  /** A role that may log in with its own name as password, and a database of that name. */
  public void addUser(String name, String options) {
    postgres.sql(
        "CREATE ROLE "
            + name
            + " LOGIN "
            + options
            + " PASSWORD '"
            + ScramVerifier.of(name, new byte[SALT], ITERATIONS).text()
            + "'");
    postgres.sql("CREATE DATABASE " + name + " OWNER " + name);
  }

  /** A gateway before this server, on a free port. */
  public Gateway gateway(UnaryOperator<GatewaySettings> change) {
    InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try {
      return Gateway.start(
          change.apply(GatewaySettings.of(free)),
          new FixedTopology(
              Topology.of(Optional.of(new Primary("only", postgres.host(), postgres.port(), 1)))),
          new LookupAccount(TestPostgres.USER, GatewaySchema.ROLE, "lookup"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The server itself. */
  public TestPostgres postgres() {
    return postgres;
  }

  @Override
  public void close() {
    postgres.close();
  }
}
