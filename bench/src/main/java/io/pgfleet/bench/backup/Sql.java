package io.pgfleet.bench.backup;

import io.pgfleet.bench.BenchException;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;

/** Questions to a server of 127.0.0.1, as its superuser. */
record Sql(int port) {
  static final String USER = "postgres";
  static final String PASSWORD = "bench-password";

  /** How to connect. */
  ConnectSettings settings() {
    return ConnectSettings.of("127.0.0.1", port, "postgres", USER).withPassword(PASSWORD);
  }

  /** Runs statements on a connection of their own; the first value of the last one's first row. */
  String ask(String statements) {
    try (Connection connection = Connection.open(settings())) {
      var rows = connection.query(statements).getLast().rows();
      return rows.isEmpty() ? "" : String.valueOf(rows.getFirst().get(0));
    } catch (IOException | PostgresException e) {
      throw new BenchException("the server on port " + port + " refused: " + e.getMessage(), "");
    }
  }

  /** Whether it answers, and has ended its recovery, so that it takes writes. */
  boolean serves() {
    try (Connection connection = Connection.open(settings())) {
      return "f".equals(connection.query("SELECT pg_is_in_recovery()").getFirst().onlyRow().get(0));
    } catch (IOException | PostgresException e) {
      return false; // it is not that far yet
    }
  }
}
