package io.pgfleet.chaos.stage;

import io.pgfleet.chaos.check.Attempt.WriteKey;
import io.pgfleet.chaos.check.BankCheck.Transfer;
import io.pgfleet.chaos.client.Address;
import io.pgfleet.chaos.client.Workload;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The tables that clients write, and what a server has in them. */
public final class Tables {
  /** A client's name and number have no key on purpose: a row that was written twice must show. */
  private static final String MAKE =
      """
      CREATE TABLE appends (client text NOT NULL, sequence bigint NOT NULL);
      CREATE INDEX ON appends (client, sequence);
      CREATE TABLE probes (client text NOT NULL, sequence bigint NOT NULL);
      CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);
      CREATE TABLE ledger (client text NOT NULL, sequence bigint NOT NULL,
        source int NOT NULL, target int NOT NULL, amount bigint NOT NULL);
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader, probe;
      GRANT INSERT ON probes TO probe;
      """;

  /** Only what writes is logged, so that a long run does not fill its disks with lines. */
  private static final String LOG =
      "ALTER ROLE writer SET log_min_duration_statement = 0;"
          + " ALTER ROLE probe SET log_min_duration_statement = 0";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Tables() {}

  /** Makes them. */
  public static void make(Address writer, Address superuser) throws SQLException {
    try (Connection connection = superuser.connect(Address.Protocol.SIMPLE, PATIENCE);
        Statement statement = connection.createStatement()) {
      statement.execute(LOG);
    }
    try (Connection connection = writer.connect(Address.Protocol.SIMPLE, PATIENCE);
        Statement statement = connection.createStatement()) {
      statement.execute(MAKE);
      statement.execute(
          "INSERT INTO accounts SELECT id, "
              + Workload.OPENING
              + " FROM generate_series(1, "
              + Workload.ACCOUNTS
              + ") AS id");
    }
  }

  /** What each account holds at first. */
  public static Map<Integer, Long> opening() {
    Map<Integer, Long> opening = new TreeMap<>();
    for (int i = 1; i <= Workload.ACCOUNTS; i++) {
      opening.put(i, Workload.OPENING);
    }
    return opening;
  }

  /** All that a server has in them. */
  public record Content(
      Map<WriteKey, Integer> appends,
      Map<WriteKey, Integer> probes,
      Map<WriteKey, Integer> transfers,
      Map<Integer, Long> balances,
      List<Transfer> ledger) {
    public Content {
      appends = Map.copyOf(appends);
      probes = Map.copyOf(probes);
      transfers = Map.copyOf(transfers);
      balances = Map.copyOf(balances);
      ledger = List.copyOf(ledger);
    }

    /** Whether another server has the same rows, in whatever order. */
    public boolean same(Content other) {
      return appends.equals(other.appends)
          && probes.equals(other.probes)
          && transfers.equals(other.transfers)
          && balances.equals(other.balances);
    }
  }

  /** Reads a server, straight. */
  public static Content read(Address superuser) throws SQLException {
    try (Connection connection = superuser.connect(Address.Protocol.SIMPLE, PATIENCE)) {
      Map<Integer, Long> balances = new TreeMap<>();
      try (Statement query = connection.createStatement();
          ResultSet rows = query.executeQuery("SELECT id, balance FROM accounts")) {
        while (rows.next()) {
          balances.put(rows.getInt(1), rows.getLong(2));
        }
      }
      List<Transfer> ledger = new ArrayList<>();
      try (Statement query = connection.createStatement();
          ResultSet rows = query.executeQuery("SELECT source, target, amount FROM ledger")) {
        while (rows.next()) {
          ledger.add(new Transfer(rows.getInt(1), rows.getInt(2), rows.getLong(3)));
        }
      }
      return new Content(
          keys(connection, "appends"),
          keys(connection, "probes"),
          keys(connection, "ledger"),
          balances,
          ledger);
    }
  }

  private static Map<WriteKey, Integer> keys(Connection connection, String table)
      throws SQLException {
    Map<WriteKey, Integer> counts = new HashMap<>();
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery("SELECT client, sequence FROM " + table)) {
      while (rows.next()) {
        counts.merge(new WriteKey(rows.getString(1), rows.getLong(2)), 1, Integer::sum);
      }
    }
    return counts;
  }
}
