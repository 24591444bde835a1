package io.pgfleet.bench.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.bench.Target;
import io.pgfleet.bench.peer.Certificate;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each prototype forwards what a real driver says, with more clients than servers, and with TLS.
 */
final class ForwarderIT {
  private static TestPostgres server;

  @BeforeAll
  static void start() {
    server = TestPostgres.start(Map.of("max_connections", "40"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource
  void clientsShareServersOverPlainConnectionsAndTls(Setup.Engine engine) throws Exception {
    try (TestFolder folder = TestFolder.create()) {
      Certificate certificate = Certificate.make(folder.path()).orElseThrow();
      Setup setup =
          new Setup(
              engine,
              2,
              FreePorts.one(),
              new Target(
                  server.host(),
                  server.port(),
                  "postgres",
                  TestPostgres.USER,
                  TestPostgres.PASSWORD),
              2,
              certificate.certificate(),
              certificate.key());
      try (AutoCloseable _ = Forwarder.start(setup)) {
        for (String mode : List.of("disable", "require")) {
          serve(setup.port(), mode);
        }
      }
    }
  }

  private static void serve(int port, String mode) throws SQLException {
    String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=x&sslmode=" + mode;
    List<Connection> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        clients.add(DriverManager.getConnection(url));
      }
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < clients.size(); i++) {
          assertThat(answer(clients.get(i), i)).isEqualTo("x".repeat(i * 100));
        }
      }
    } finally {
      for (Connection client : clients) {
        client.close();
      }
    }
  }

  private static String answer(Connection client, int number) throws SQLException {
    try (ResultSet rows =
        client.createStatement().executeQuery("SELECT repeat('x', " + number * 100 + ")")) {
      rows.next();
      return rows.getString(1);
    }
  }
}
