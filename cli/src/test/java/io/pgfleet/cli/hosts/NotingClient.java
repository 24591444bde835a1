package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** A client that inserts one row a transaction, and notes what was acknowledged. */
final class NotingClient implements AutoCloseable {
  private static final int SOME = 40;
  private static final long LIMIT_NANOS = 90_000_000_000L;

  private final Queue<Integer> acknowledged = new ConcurrentLinkedQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final String jdbc;
  private final Thread thread;

  NotingClient(String jdbc) throws SQLException {
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

  void goOn() throws InterruptedException {
    int wanted = acknowledged.size() + SOME;
    long begin = System.nanoTime();
    while (acknowledged.size() < wanted) {
      assertThat(System.nanoTime() - begin).as("time without progress").isLessThan(LIMIT_NANOS);
      Thread.sleep(20);
    }
  }

  /** What it was told instead of an acknowledgement. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** How many rows were acknowledged so far. */
  int count() {
    return acknowledged.size();
  }

  Set<Integer> lost() throws SQLException {
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
}
