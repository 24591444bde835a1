package io.pgfleet.parity.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.PoolMode;
import io.pgfleet.parity.GatewayServer;
import io.pgfleet.testkit.TestInstallations;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** One server, and the ways to it: directly, and by a gateway in each mode. */
final class Ways implements AutoCloseable {
  /** How a client gets to the server. */
  enum Way {
    DIRECT,
    SESSION,
    TRANSACTION
  }

  /** Asks a client to do all it does, and gives what it saw. */
  interface Client {
    String run(int port, String user) throws Exception;
  }

  private final GatewayServer server;
  private final Map<Way, Gateway> gateways = new EnumMap<>(Way.class);

  Ways() {
    server =
        GatewayServer.start(
            TestInstallations.embedded(),
            Map.of("fsync", "off", "max_prepared_transactions", "5", "max_connections", "60"));
    gateways.put(
        Way.SESSION,
        server.gateway(settings -> settings.withPoolMode(PoolMode.SESSION).withPoolSize(12, 1)));
    gateways.put(
        Way.TRANSACTION,
        server.gateway(settings -> settings.withPoolMode(PoolMode.TRANSACTION).withPoolSize(4, 1)));
  }

  private int port(Way way) {
    Gateway gateway = gateways.get(way);
    return gateway == null ? server.postgres().port() : gateway.address().getPort();
  }

  /**
   * Runs a client on each way, in an empty database of the same name each time, and demands that it
   * sees the same on all.
   *
   * @param sections how many headings its report must have, so that a client that does nothing does
   *     not pass
   */
  void compare(String user, int sections, Client client) throws Exception {
    List<String> direct = List.of();
    for (Way way : Way.values()) {
      server.addUser(user, "SUPERUSER");
      List<String> seen = see(client, way, user);
      remove(user);
      if (way == Way.DIRECT) {
        direct = seen;
        assertThat(seen).as("what is seen directly").contains("## end");
        assertThat(seen.stream().filter(line -> line.startsWith("## ")).count())
            .as("sections")
            .isEqualTo(sections);
      } else {
        assertThat(differences(direct, seen)).as("%s, way %s", user, way).isEmpty();
      }
    }
  }

  private List<String> see(Client client, Way way, String user) {
    try {
      return client.run(port(way), user).lines().toList();
    } catch (Exception e) {
      throw new AssertionError(user + " failed on the way " + way, e);
    }
  }

  /** The first lines that differ, with the heading that they are under. */
  private static List<String> differences(List<String> direct, List<String> seen) {
    List<String> differing = new ArrayList<>();
    String section = "";
    for (int i = 0; i < Math.max(direct.size(), seen.size()) && differing.size() < 10; i++) {
      String expected = i < direct.size() ? direct.get(i) : "(nothing)";
      String actual = i < seen.size() ? seen.get(i) : "(nothing)";
      section = expected.startsWith("## ") ? expected : section;
      if (!expected.equals(actual)) {
        differing.add(section + " line " + (i + 1) + "\n  -" + expected + "\n  +" + actual + "\n");
      }
    }
    return differing;
  }

  /** The gateways' servers may still be in the database. */
  private void remove(String user) {
    String left = server.postgres().sql("SELECT string_agg(gid, ',') FROM pg_prepared_xacts");
    assertThat(left).as("prepared transactions left by %s", user).isEqualTo("null");
    server.postgres().sql("DROP DATABASE " + user + " WITH (FORCE)");
    server.postgres().sql("DROP ROLE " + user);
  }

  @Override
  public void close() {
    gateways.values().forEach(Gateway::close);
    server.close();
  }
}
