package io.pgfleet.chaos.client;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Looks at others' writes: the sum of all balances is the same in every snapshot, and what was
 * acknowledged longer ago than the lag that reads may have is seen.
 */
final class Reading implements Client.Act {
  private final String name;
  private final Journal journal;
  private final String watched;
  private final long money;
  private final Duration staleness;

  /**
   * A reader.
   *
   * @param watched the client whose appends it looks for
   * @param money what all accounts hold together
   * @param staleness the oldest state that a read may show
   */
  Reading(String name, Journal journal, String watched, long money, Duration staleness) {
    this.name = name;
    this.journal = journal;
    this.watched = watched;
    this.money = money;
    this.staleness = staleness;
  }

  @Override
  public void run(Connection connection) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery("SELECT sum(balance)::bigint FROM accounts")) {
      rows.next();
      long seen = rows.getLong(1);
      journal.read();
      if (seen != money) {
        journal.violation("client " + name + " saw " + seen + " in all accounts, not " + money);
      }
    }
    long due = journal.newestAppend(watched, journal.clock().now().minus(staleness));
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT coalesce(max(sequence), 0) FROM appends WHERE client = ?")) {
      query.setString(1, watched);
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        long seen = rows.getLong(1);
        journal.read();
        if (seen < due) {
          journal.violation(
              String.format(
                  "client %s saw appends of %s up to %d, and %d was acknowledged more than %d ms"
                      + " before it asked",
                  name, watched, seen, due, staleness.toMillis()));
        }
      }
    }
  }
}
