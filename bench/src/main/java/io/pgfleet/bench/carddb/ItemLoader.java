package io.pgfleet.bench.carddb;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Puts collectors with generated collections into the CardDB example, by COPY and in one
 * transaction: after a failure nothing is there, and it can be started again.
 */
public final class ItemLoader {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(1);
  private static final int ROWS_AT_ONCE = 500;
  private static final double NANOS = 1e9;

  private static final String NAMES = "name LIKE 'collector-%'";

  private final Target target;
  private final LongSupplier nanos;

  public ItemLoader(Target target) {
    this.target = target;
    this.nanos = System::nanoTime;
  }

  /**
   * Loads, unless that was done before.
   *
   * @param items how many collection items
   * @param said takes lines of progress
   * @return how many were loaded
   * @throws BenchException if it can't
   */
  public long load(long items, long seed, Consumer<String> said) {
    if (items < 1) {
      throw new IllegalArgumentException("at least one item is loaded");
    }
    try (Connection connection = target.connect()) {
      Holdings holdings = Holdings.read(connection);
      long there = collectors(connection);
      if (there > 0) {
        said.accept("already loaded: " + there + " collectors are there");
        return 0;
      }
      connection.setAutoCommit(false);
      addCollectors(connection, GeneratedItems.collectionsFor(items));
      GeneratedItems generated =
          new GeneratedItems(collectionsOfCollectors(connection), holdings.cards(), seed);
      long began = nanos.getAsLong();
      copy(connection, generated, items, said);
      connection.commit();
      said.accept(progress(items, items, nanos.getAsLong() - began));
      connection.setAutoCommit(true);
      try (Statement statement = connection.createStatement()) {
        statement.execute("ANALYZE users, collections, collection_items");
      }
      return items;
    } catch (SQLException e) {
      throw new BenchException(
          "loading at " + target + " failed: " + e.getMessage(),
          "nothing was loaded; see 'pgfleet status', and try again");
    }
  }

  private static long collectors(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "/* pgfleet: primary */ SELECT count(*) FROM users WHERE " + NAMES)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void addCollectors(Connection connection, int count) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO users (name)"
                + " SELECT 'collector-' || lpad(i::text, 6, '0') FROM generate_series(1, ?) AS i")) {
      statement.setInt(1, count);
      statement.executeUpdate();
    }
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "INSERT INTO collections (owner_id, name) SELECT id, 'binder' FROM users WHERE "
              + NAMES
              + " ORDER BY name");
    }
  }

  private static List<Long> collectionsOfCollectors(Connection connection) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "/* pgfleet: primary */ SELECT collections.id FROM collections JOIN users ON users.id = owner_id"
                    + " WHERE users."
                    + NAMES
                    + " ORDER BY users.name")) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    return ids;
  }

  private void copy(
      Connection connection, GeneratedItems generated, long items, Consumer<String> said)
      throws SQLException {
    long began = nanos.getAsLong();
    long told = began;
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY collection_items (" + GeneratedItems.COLUMNS + ") FROM STDIN");
    try {
      StringBuilder rows = new StringBuilder();
      for (long i = 1; i <= items; i++) {
        rows.append(generated.next());
        if (i % ROWS_AT_ONCE == 0 || i == items) {
          byte[] bytes = rows.toString().getBytes(StandardCharsets.UTF_8);
          copy.writeToCopy(bytes, 0, bytes.length);
          rows.setLength(0);
          if (nanos.getAsLong() - told > BETWEEN_LINES.toNanos()) {
            told = nanos.getAsLong();
            said.accept(progress(i, items, told - began));
          }
        }
      }
      copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  static String progress(long done, long all, long nanos) {
    return String.format(
        Locale.ROOT,
        "loaded %,d of %,d collection items, %,.0f a second",
        done,
        all,
        done / Math.max(nanos / NANOS, 1e-3));
  }
}
