package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** A client that inserts one row a transaction, and notes what was acknowledged. */
public final class NotingClient implements AutoCloseable {
  private static final int SOME = 40;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final Queue<Integer> acknowledged = new ConcurrentLinkedQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final String jdbc;
  private final Thread thread;

  /** Makes its table and begins. */
  public NotingClient(String jdbc) throws SQLException {
    this.jdbc = jdbc;
    try (Connection connection = DriverManager.getConnection(jdbc);
        Statement statement = connection.createStatement()) {
      statement.execute("create table noted (number int primary key)");
    }
    thread = Thread.ofPlatform().daemon().start(this::work);
  }

  private void work() {
    int next = 0;
    while (!over.get()) {
      try (Connection connection = DriverManager.getConnection(jdbc);
          Statement statement = connection.createStatement()) {
        while (!over.get()) {
          next++;
          statement.execute("insert into noted values (" + next + ")");
          acknowledged.add(next);
        }
      } catch (SQLException e) {
        // What was not acknowledged may be there or not; the next number is another.
        failures.add(e.getSQLState() + " " + e.getMessage());
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until some more rows are acknowledged. */
  public void goOn() throws InterruptedException {
    goOn(SOME, LIMIT);
  }

  /** Waits until so many more rows are acknowledged. */
  public void goOn(int rows, Duration limit) throws InterruptedException {
    int wanted = acknowledged.size() + rows;
    long begin = System.nanoTime();
    while (acknowledged.size() < wanted) {
      assertThat(System.nanoTime() - begin)
          .as("time without progress, after %s", failures)
          .isLessThan(limit.toNanos());
      Thread.sleep(20);
    }
  }

  /** What it was told instead of an acknowledgement. */
  public List<String> failures() {
    return List.copyOf(failures);
  }

  /** How many rows were acknowledged so far. */
  public int count() {
    return acknowledged.size();
  }

  /** Acknowledged rows that are not there. */
  public Set<Integer> lost() throws SQLException {
    Set<Integer> missing = new HashSet<>(acknowledged);
    try (Connection connection = DriverManager.getConnection(jdbc);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select number from noted")) {
      while (rows.next()) {
        missing.remove(rows.getInt(1));
      }
    }
    return missing;
  }

  @Override
  public void close() {
    over.set(true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks a question with one answer, on a connection of its own. */
  public static String ask(String jdbc, String question) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbc);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(question)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
