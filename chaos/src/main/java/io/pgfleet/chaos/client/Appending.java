package io.pgfleet.chaos.client;

import io.pgfleet.chaos.check.Attempt;
import io.pgfleet.chaos.check.Attempt.Outcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Adds one row after the other, each in a statement that commits by itself; at times reads it. */
final class Appending implements Client.Act {
  private static final int READ_EACH = 4;

  private final String name;
  private final Journal journal;
  private long sequence;

  Appending(String name, Journal journal) {
    this.name = name;
    this.journal = journal;
  }

  @Override
  public void run(Connection connection) throws SQLException {
    sequence++;
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO appends (client, sequence) VALUES (?, ?)")) {
      insert.setString(1, name);
      insert.setLong(2, sequence);
      insert.executeUpdate();
    } catch (SQLException e) {
      journal.wrote(Journal.Kind.APPEND, new Attempt(name, sequence, Verdicts.of(e)));
      throw e;
    }
    journal.wrote(Journal.Kind.APPEND, new Attempt(name, sequence, Outcome.ACKNOWLEDGED));
    if (sequence % READ_EACH == 0) {
      readBack(connection);
    }
  }

  /** A client sees what its own connection wrote, whichever server answers. */
  private void readBack(Connection connection) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT count(*) FROM appends WHERE client = ? AND sequence = ?")) {
      query.setString(1, name);
      query.setLong(2, sequence);
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        long found = rows.getLong(1);
        journal.read();
        if (found != 1) {
          journal.violation(
              "client " + name + " read its own append " + sequence + " back " + found + " times");
        }
      }
    }
  }
}
