package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * One client that writes a row after the other and connects again when its connection breaks. A
 * number whose outcome is unknown is not used again. Each row says which server wrote it.
 */
final class WriteProbe implements AutoCloseable {
  private static final Duration AFTER_ERROR = Duration.ofMillis(5);
  private static final Duration REST = Duration.ofMillis(20);
  private static final String INSERT =
      "INSERT INTO probe (client, id) VALUES (?, ?) RETURNING host(inet_server_addr())";

  /**
   * What a client does.
   *
   * @param number its own
   * @param transactions whether each row has a transaction block of its own, with a look at it
   * @param pause between two rows
   */
  record Habit(int number, boolean transactions, Duration pause) {}

  /**
   * The longest time without an acknowledgement.
   *
   * @param from when the last one had come, by the clock of this machine
   */
  record Gap(Instant from, Duration length) {}

  private final Target target;
  private final Habit habit;
  private final Thread thread;
  private final BitSet acknowledged = new BitSet();
  private final Map<String, Integer> byServer = new HashMap<>();
  private int count;
  private int errors;
  private String lastError = "";
  private long lastAt = System.nanoTime();
  private Gap longest = new Gap(Instant.EPOCH, Duration.ZERO);
  private volatile boolean resting;
  private volatile boolean closed;

  private WriteProbe(Target target, Habit habit) {
    this.target = target;
    this.habit = habit;
    this.thread =
        Thread.ofPlatform().daemon().name("write-probe-" + habit.number()).unstarted(this::run);
  }

  /** Makes an empty table for all clients. */
  static void prepare(Target target) {
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS probe");
      statement.execute("CREATE TABLE probe (client int, id int)");
    } catch (SQLException e) {
      throw new BenchException("can't prepare " + target + ": " + e.getMessage(), "");
    }
  }

  /** Begins to write. */
  static WriteProbe start(Target target, Habit habit) {
    WriteProbe probe = new WriteProbe(target, habit);
    probe.thread.start();
    return probe;
  }

  private void run() {
    int id = 0;
    while (!closed) {
      try (Connection connection = target.connect();
          PreparedStatement insert = connection.prepareStatement(INSERT);
          PreparedStatement look =
              connection.prepareStatement("SELECT count(*) FROM probe WHERE client = -1")) {
        connection.setAutoCommit(!habit.transactions());
        insert.setInt(1, habit.number());
        while (!closed) {
          insert.setInt(2, ++id);
          String server = write(insert);
          if (habit.transactions()) {
            look.executeQuery().close();
            connection.commit();
          }
          acknowledged(id, server);
          pause(habit.pause());
          while (resting && !closed) {
            pause(REST);
          }
        }
      } catch (SQLException e) {
        if (!closed) {
          failed(e);
          pause(AFTER_ERROR);
        }
      }
    }
  }

  private static String write(PreparedStatement insert) throws SQLException {
    try (ResultSet row = insert.executeQuery()) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  private synchronized void acknowledged(int id, String server) {
    long now = System.nanoTime();
    Duration gap = Duration.ofNanos(now - lastAt);
    if (gap.compareTo(longest.length()) > 0) {
      longest = new Gap(Instant.now().minus(gap), gap);
    }
    lastAt = now;
    count++;
    acknowledged.set(id);
    byServer.merge(server, 1, Integer::sum);
  }

  private synchronized void failed(SQLException error) {
    errors++;
    String text = String.valueOf(error.getMessage());
    lastError = error.getSQLState() + " " + text.lines().findFirst().orElse("");
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes nothing for a while, or goes on. */
  synchronized void rest(boolean on) {
    resting = on;
    lastAt = System.nanoTime();
  }

  /** Forgets the longest gap and the errors so far. */
  synchronized void begin() {
    longest = new Gap(Instant.EPOCH, Duration.ZERO);
    errors = 0;
    lastError = "";
  }

  /** The longest gap since {@link #begin}, one that has not ended included. */
  synchronized Gap longest() {
    Duration open = Duration.ofNanos(System.nanoTime() - lastAt);
    return open.compareTo(longest.length()) > 0
        ? new Gap(Instant.now().minus(open), open)
        : longest;
  }

  /** How many errors the client saw since {@link #begin}. */
  synchronized int errors() {
    return errors;
  }

  /** The last of them; empty if there was none. */
  synchronized String lastError() {
    return lastError;
  }

  /** Writes acknowledged so far. */
  synchronized int count() {
    return count;
  }

  /** Writes acknowledged so far that a server made, by its address. */
  synchronized int count(String server) {
    return byServer.getOrDefault(server, 0);
  }

  /** Stops writing, and counts acknowledged rows that are not there or there twice. */
  int lost() {
    close();
    BitSet found = new BitSet();
    int doubled = 0;
    try (Connection connection = target.connect();
        PreparedStatement query =
            connection.prepareStatement("SELECT id FROM probe WHERE client = ?")) {
      query.setInt(1, habit.number());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          doubled += found.get(rows.getInt(1)) ? 1 : 0;
          found.set(rows.getInt(1));
        }
      }
    } catch (SQLException e) {
      throw new BenchException("can't read what was written: " + e.getMessage(), "");
    }
    synchronized (this) {
      BitSet missing = (BitSet) acknowledged.clone();
      missing.andNot(found);
      return missing.cardinality() + doubled;
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(Duration.ofSeconds(70));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
