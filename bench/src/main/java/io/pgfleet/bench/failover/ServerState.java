package io.pgfleet.bench.failover;

import io.pgfleet.bench.Target;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/**
 * What a server says of itself.
 *
 * @param recovers it is a standby
 * @param streaming how many standbys stream from it
 * @param synchronous how many of those a commit may count on
 */
record ServerState(boolean recovers, int streaming, int synchronous) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final String QUESTION =
      "SELECT pg_is_in_recovery(), count(*) FILTER (WHERE state = 'streaming'),"
          + " count(*) FILTER (WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum'))"
          + " FROM pg_stat_replication";

  /**
   * Asks a server; empty if it does not answer.
   *
   * @param server a superuser's way straight to it
   */
  static Optional<ServerState> of(Target server) {
    try (Connection connection = server.connect(PATIENCE);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(QUESTION)) {
      rows.next();
      return Optional.of(new ServerState(rows.getBoolean(1), rows.getInt(2), rows.getInt(3)));
    } catch (SQLException e) {
      return Optional.empty();
    }
  }
}
