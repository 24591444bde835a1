package io.pgfleet.bench.carddb;

import io.pgfleet.bench.BenchException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** The cards and collections that there are when a workload begins; both stay. */
record Holdings(List<Long> cards, List<Collection> collections) {
  /** PostgreSQL's SQLSTATE for a table that is not there. */
  private static final String UNDEFINED_TABLE = "42P01";

  /** A collection and whose it is. */
  record Collection(long id, long owner) {}

  Holdings {
    cards = List.copyOf(cards);
    collections = List.copyOf(collections);
  }

  /**
   * Reads them.
   *
   * @throws BenchException if the example's data is not there
   */
  static Holdings read(Connection connection) throws SQLException {
    List<Long> cards = new ArrayList<>();
    List<Collection> collections = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet rows =
          statement.executeQuery(
              "/* pgfleet: primary */ SELECT id FROM cards ORDER BY set_code, number")) {
        while (rows.next()) {
          cards.add(rows.getLong(1));
        }
      }
      try (ResultSet rows =
          statement.executeQuery(
              "/* pgfleet: primary */ SELECT id, owner_id FROM collections ORDER BY id")) {
        while (rows.next()) {
          collections.add(new Collection(rows.getLong(1), rows.getLong(2)));
        }
      }
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState())) {
        throw absent();
      }
      throw e;
    }
    if (cards.isEmpty() || collections.size() < 2) {
      throw absent();
    }
    return new Holdings(cards, collections);
  }

  private static BenchException absent() {
    return new BenchException(
        "the database does not hold the CardDB example",
        "start its fleet: pgfleet up examples/carddb/fleet.yaml");
  }

  long anyCard(RandomGenerator random) {
    return cards.get(random.nextInt(cards.size()));
  }

  Collection anyCollection(RandomGenerator random) {
    return collections.get(random.nextInt(collections.size()));
  }

  /** Another user's collection. */
  Collection otherThan(Collection one, RandomGenerator random) {
    int start = random.nextInt(collections.size());
    for (int i = 0; i < collections.size(); i++) {
      Collection other = collections.get((start + i) % collections.size());
      if (other.owner() != one.owner()) {
        return other;
      }
    }
    throw new BenchException(
        "there is only one collector, and a trade takes two",
        "add some: pgfleet bench carddb --load");
  }
}
