package io.pgfleet.bench.carddb;

import io.pgfleet.bench.Target;
import io.pgfleet.bench.carddb.Operation.Add;
import io.pgfleet.bench.carddb.Operation.Search;
import io.pgfleet.bench.carddb.Operation.Show;
import io.pgfleet.bench.carddb.Operation.Trade;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;

/**
 * One connection that is kept, and the statements of the workload on it. They are prepared anew
 * each time, as applications do; the driver notices that they are the same.
 */
final class Session implements AutoCloseable {
  private static final String SEARCH =
      "SELECT id, set_code, name, attributes FROM cards WHERE attributes @> ?::jsonb"
          + " ORDER BY set_code, number LIMIT 20";

  private static final String SHOW =
      """
      SELECT cards.name, cards.set_code, items.condition, items.quantity, items.price_paid
      FROM collection_items AS items JOIN cards ON cards.id = items.card_id
      WHERE items.collection_id = ? ORDER BY cards.set_code, cards.number LIMIT 50
      """;

  /**
   * Repeating it counts the attempt instead of doing nothing: that is a write too, so its own
   * acknowledgement vouches for the standbys having what it found.
   */
  private static final String ENTER =
      "INSERT INTO operations (id, kind, quantity) VALUES (?, ?, ?)"
          + " ON CONFLICT (id) DO UPDATE SET attempts = operations.attempts + 1";

  private static final String PUT =
      " ON CONFLICT (collection_id, card_id, condition)"
          + " DO UPDATE SET quantity = collection_items.quantity + excluded.quantity";

  private static final String ADD_AT_ONCE =
      "WITH entered AS ("
          + ENTER
          + " RETURNING attempts)"
          + " INSERT INTO collection_items (collection_id, card_id, condition, quantity)"
          + " SELECT ?, ?, ?, ? FROM entered WHERE attempts = 1"
          + PUT;

  private static final String ADD =
      "INSERT INTO collection_items (collection_id, card_id, condition, quantity)"
          + " VALUES (?, ?, ?, ?)"
          + PUT;

  private static final String LOCK_USERS =
      "SELECT id, coins FROM users WHERE id IN (?, ?) ORDER BY id FOR NO KEY UPDATE";

  private static final String PICK =
      "SELECT id, card_id, condition, quantity FROM collection_items"
          + " WHERE collection_id = ? AND card_id >= ? ORDER BY card_id, condition LIMIT 1"
          + " FOR UPDATE";

  private static final String TAKE_ONE =
      "UPDATE collection_items SET quantity = quantity - 1 WHERE id = ?";

  private static final String TAKE_LAST = "DELETE FROM collection_items WHERE id = ?";

  private static final String PAY = "UPDATE users SET coins = coins + ? WHERE id = ?";

  private final Connection connection;
  private final boolean transactions;

  private Session(Connection connection, boolean transactions) {
    this.connection = connection;
    this.transactions = transactions;
  }

  /**
   * Connects.
   *
   * @param transactions whether also what needs only one statement is done in a transaction
   */
  static Session open(Target target, boolean transactions) throws SQLException {
    return new Session(target.connect(), transactions);
  }

  /** Does one thing; when it returns, it is committed. */
  void perform(Operation operation) throws SQLException {
    boolean together = transactions || operation instanceof Trade;
    if (connection.getAutoCommit() == together) {
      connection.setAutoCommit(!together);
    }
    switch (operation) {
      case Search search -> read(SEARCH, search.attributes());
      case Show show -> read(SHOW, show.collection());
      case Add add when transactions -> {
        if (enter(add.id(), "add", add.quantity())) {
          update(ADD, add.collection(), add.card(), add.condition(), add.quantity());
        }
      }
      case Add add ->
          update(
              ADD_AT_ONCE,
              add.id(),
              "add",
              add.quantity(),
              add.collection(),
              add.card(),
              add.condition(),
              add.quantity());
      case Trade trade -> trade(trade);
    }
    if (together) {
      connection.commit();
    }
  }

  /** Whether the operation is new; else it was done before. */
  private boolean enter(UUID id, String kind, int quantity) throws SQLException {
    try (PreparedStatement statement = prepare(ENTER + " RETURNING attempts", id, kind, quantity);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getInt(1) == 1;
    }
  }

  /** Locks the users in the order of their ids first, so that two trades never wait in a ring. */
  private void trade(Trade trade) throws SQLException {
    if (!enter(trade.id(), "trade", 0)) {
      return;
    }
    long purse = 0;
    try (PreparedStatement statement =
            prepare(LOCK_USERS, trade.seller().owner(), trade.buyer().owner());
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        purse = rows.getLong(1) == trade.buyer().owner() ? rows.getLong(2) : purse;
      }
    }
    long lot;
    Object[] bought;
    boolean last;
    try (PreparedStatement statement = prepare(PICK, trade.seller().id(), trade.nearCard());
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        return; // nothing to sell; the trade is entered, and moves nothing
      }
      lot = row.getLong(1);
      bought = new Object[] {trade.buyer().id(), row.getLong(2), row.getString(3), 1};
      last = row.getInt(4) == 1;
    }
    update(last ? TAKE_LAST : TAKE_ONE, lot);
    update(ADD, bought);
    long price = Math.min(trade.price(), purse);
    update(PAY, -price, trade.buyer().owner());
    update(PAY, price, trade.seller().owner());
  }

  private void read(String sql, Object parameter) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameter);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        rows.getString(1);
      }
    }
  }

  private void update(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql, parameters)) {
      statement.executeUpdate();
    }
  }

  private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    int index = 1;
    for (Object parameter : Arrays.asList(parameters)) {
      statement.setObject(index++, parameter);
    }
    return statement;
  }

  /** Ends what an error has left open; whether the connection can be used on. */
  boolean recover() {
    try {
      if (!connection.isClosed() && !connection.getAutoCommit()) {
        connection.rollback();
      }
      return !connection.isClosed();
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
