package io.pgfleet.backup.rows;

import io.pgfleet.backup.InterruptWatch;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Counts the rows of all tables of a server that works, as of one position of WAL. A snapshot says
 * by itself at which position it was taken only if nothing happened around it:
 *
 * <ul>
 *   <li>A standby that had replayed, before its snapshots were taken, all that it has received when
 *       they were, has replayed nothing in between.
 *   <li>On a primary nothing was written to WAL from before until after they were taken, and after
 *       the first look no transaction was there that could have written of its end and not be seen
 *       to have ended.
 * </ul>
 *
 * So it tries again until such a moment comes. Replay is never paused for it: a server whose agent
 * ends meanwhile would stay so.
 *
 * @param superuser of the server, in any database
 * @param node its name
 * @param patience how long it waits for such a moment
 */
public record RowCounting(ConnectSettings superuser, String node, Duration patience) {
  private static final String SNAPSHOT = "begin isolation level repeatable read read only";

  private static final String STANDBY = "select pg_is_in_recovery()";
  private static final String REPLAYED = "select pg_last_wal_replay_lsn()";
  private static final String WRITTEN = "select pg_current_wal_insert_lsn()";

  /** Of all of them, also of those that wait for a standby after their end was written. */
  private static final String WRITERS =
      """
      select (select count(*) from pg_stat_activity where backend_xid is not null)
        + (select count(*) from pg_prepared_xacts)
      """;

  private static final String RECEIVED =
      "select pg_last_wal_receive_lsn() as position, received_tli as timeline"
          + " from pg_stat_wal_receiver";

  private static final String WRITTEN_ON =
      "select pg_current_wal_insert_lsn() as position,"
          + " ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int"
          + " as timeline";

  /**
   * Counts. If the thread is interrupted it ends within a moment, and the thread stays so.
   *
   * @return nothing if there was no such moment
   */
  public Optional<RowCounts> count() throws IOException, PostgresException {
    Map<String, Connection> sessions = new LinkedHashMap<>();
    List<InterruptWatch> watches = new ArrayList<>();
    try {
      List<String> databases;
      try (Connection first = Connection.open(superuser)) {
        databases = TableRows.databases(first);
      }
      for (String database : databases) {
        Connection session = Connection.open(superuser.withDatabase(database));
        sessions.put(database, session);
        watches.add(new InterruptWatch(session));
      }
      Optional<Moment> moment = moment(List.copyOf(sessions.values()));
      return moment.isPresent() ? Optional.of(counted(moment.get(), sessions)) : Optional.empty();
    } finally {
      watches.forEach(InterruptWatch::close);
      for (Connection session : sessions.values()) {
        session.close();
      }
    }
  }

  private RowCounts counted(Moment moment, Map<String, Connection> sessions)
      throws IOException, PostgresException {
    Map<String, Map<String, Long>> counts = new TreeMap<>();
    for (Map.Entry<String, Connection> session : sessions.entrySet()) {
      counts.put(session.getKey(), TableRows.count(session.getValue()));
    }
    return new RowCounts(
        RowCounts.FORMAT, node, moment.timeline, moment.position.toString(), moment.at, counts);
  }

  /** When the sessions' snapshots were taken. */
  private record Moment(int timeline, Lsn position, Instant at) {}

  private Optional<Moment> moment(List<Connection> sessions) throws IOException, PostgresException {
    boolean standby = "t".equals(sessions.getFirst().query(STANDBY).getFirst().single());
    long end = System.nanoTime() + patience.toNanos();
    Optional<Moment> moment = tried(sessions, standby);
    while (moment.isEmpty() && System.nanoTime() - end < 0) {
      for (Connection session : sessions) {
        session.query("rollback");
      }
      moment = tried(sessions, standby);
    }
    return moment;
  }

  private static Optional<Moment> tried(List<Connection> sessions, boolean standby)
      throws IOException, PostgresException {
    Connection first = sessions.getFirst();
    String before = first.query(standby ? REPLAYED : WRITTEN).getFirst().single();
    boolean still = standby || "0".equals(first.query(WRITERS).getFirst().single());
    for (Connection session : sessions) {
      session.query(SNAPSHOT);
      session.query("select 1"); // it is taken by the first statement
    }
    List<Row> after = first.query(standby ? RECEIVED : WRITTEN_ON).getFirst().rows();
    return still
            && before != null
            && !after.isEmpty()
            && before.equals(after.getFirst().required("position"))
        ? Optional.of(
            new Moment(
                Integer.parseInt(after.getFirst().required("timeline")),
                Lsn.parse(before),
                Instant.now()))
        : Optional.empty();
  }
}
