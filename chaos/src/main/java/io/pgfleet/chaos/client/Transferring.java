package io.pgfleet.chaos.client;

import io.pgfleet.chaos.check.Attempt;
import io.pgfleet.chaos.check.Attempt.Outcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Random;

/** Moves money between two accounts and enters that into the ledger, in one transaction. */
final class Transferring implements Client.Act {
  private final String name;
  private final Journal journal;
  private final int accounts;
  private final Random random = new Random();
  private long sequence;

  Transferring(String name, Journal journal, int accounts) {
    this.name = name;
    this.journal = journal;
    this.accounts = accounts;
  }

  @Override
  public void run(Connection connection) throws SQLException {
    sequence++;
    Outcome ifItFails = Outcome.FAILED;
    try {
      connection.setAutoCommit(false);
      move(connection);
      // From here on the server may have been asked to commit.
      ifItFails = Outcome.UNKNOWN;
      connection.commit();
    } catch (SQLException e) {
      Outcome outcome = ifItFails == Outcome.FAILED ? Outcome.FAILED : Verdicts.of(e);
      journal.wrote(Journal.Kind.TRANSFER, new Attempt(name, sequence, outcome));
      throw e;
    }
    journal.wrote(Journal.Kind.TRANSFER, new Attempt(name, sequence, Outcome.ACKNOWLEDGED));
  }

  private void move(Connection connection) throws SQLException {
    int source = 1 + random.nextInt(accounts);
    int target = 1 + (source + random.nextInt(accounts - 1)) % accounts;
    long amount = random.nextLong(1, 101);
    // In the order of their ids, so that two transfers never wait in a ring.
    if (source < target) {
      book(connection, source, -amount);
      book(connection, target, amount);
    } else {
      book(connection, target, amount);
      book(connection, source, -amount);
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO ledger (client, sequence, source, target, amount)"
                + " VALUES (?, ?, ?, ?, ?)")) {
      insert.setString(1, name);
      insert.setLong(2, sequence);
      insert.setInt(3, source);
      insert.setInt(4, target);
      insert.setLong(5, amount);
      insert.executeUpdate();
    }
  }

  private static void book(Connection connection, int account, long amount) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE accounts SET balance = balance + ? WHERE id = ?")) {
      update.setLong(1, amount);
      update.setInt(2, account);
      update.executeUpdate();
    }
  }
}
