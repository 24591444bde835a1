package io.pgfleet.bench.carddb;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Totals that no write may change: trades make neither coins nor cards, and every copy that was
 * added is entered in the operation that added it, in the same transaction.
 *
 * @param coins of all users together
 * @param unaccounted copies in collections less those that operations have added
 */
record Books(long coins, long unaccounted) {
  /** One statement, so one snapshot. */
  private static final String SQL =
      """
      /* pgfleet: primary */
      SELECT (SELECT coalesce(sum(coins), 0) FROM users)::bigint,
             ((SELECT coalesce(sum(quantity), 0) FROM collection_items)
              - (SELECT coalesce(sum(quantity), 0) FROM operations))::bigint
      """;

  static Books read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SQL)) {
      row.next();
      return new Books(row.getLong(1), row.getLong(2));
    }
  }
}
