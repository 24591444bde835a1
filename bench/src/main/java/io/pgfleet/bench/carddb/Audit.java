package io.pgfleet.bench.carddb;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;

/** Looks up in the database what has become of a run's writes. */
final class Audit {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(250);

  private final Target target;
  private final LongSupplier nanos;

  Audit(Target target, LongSupplier nanos) {
    this.target = target;
    this.nanos = nanos;
  }

  /**
   * What is there.
   *
   * @param present the numbers of writes, for each client
   * @param strangers writes of the run under the names of clients that it did not have
   */
  record Findings(Books books, List<BitSet> present, long strangers) {}

  /**
   * Reads them, through the same door as the clients, for as long as it takes to get in.
   *
   * @throws BenchException if it can't
   */
  Findings read(long run, int clients) throws InterruptedException {
    long began = nanos.getAsLong();
    while (true) {
      try (Connection connection = target.connect()) {
        return read(connection, run, clients);
      } catch (SQLException e) {
        if (nanos.getAsLong() - began > PATIENCE.toNanos()) {
          throw new BenchException(
              "the writes can't be checked: " + e.getMessage(),
              "see that the fleet has a primary: 'pgfleet status'");
        }
        Thread.sleep(BETWEEN_TRIES);
      }
    }
  }

  private static Findings read(Connection connection, long run, int clients) throws SQLException {
    List<BitSet> present = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      present.add(new BitSet());
    }
    long strangers = 0;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "/* pgfleet: primary */ SELECT id FROM operations WHERE id BETWEEN ? AND ?")) {
      statement.setObject(1, OperationId.first(run));
      statement.setObject(2, OperationId.last(run));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          OperationId id = OperationId.of(rows.getObject(1, UUID.class));
          if (id.client() < clients) {
            present.get(id.client()).set(id.sequence());
          } else {
            strangers++;
          }
        }
      }
    }
    return new Findings(Books.read(connection), present, strangers);
  }

  /** Holds what was promised against what is there. */
  static Verdict judge(
      List<Client> clients, Books before, Findings found, Tally tally, AckGap gap, long end) {
    List<ClientReport> reports = new ArrayList<>();
    List<Promises> promises = new ArrayList<>();
    for (int i = 0; i < clients.size(); i++) {
      reports.add(clients.get(i).report(i, end));
      promises.add(clients.get(i).promises());
    }
    return judge(promises, reports, before, found, tally, gap.longest());
  }

  static Verdict judge(
      List<Promises> promises,
      List<ClientReport> reports,
      Books before,
      Findings found,
      Tally tally,
      Duration longestGap) {
    long acknowledged = 0;
    long missing = 0;
    long late = 0;
    long strangers = found.strangers();
    for (int i = 0; i < promises.size(); i++) {
      BitSet present = found.present().get(i);
      acknowledged += promises.get(i).acknowledged();
      missing += promises.get(i).missing(present);
      late += promises.get(i).settledLate(present);
      strangers += promises.get(i).strangers(present);
    }
    return new Verdict(
        acknowledged,
        missing,
        late,
        strangers,
        found.books().coins() - before.coins(),
        found.books().unaccounted() - before.unaccounted(),
        tally.errors(),
        tally.reasons(),
        longestGap,
        reports);
  }
}
