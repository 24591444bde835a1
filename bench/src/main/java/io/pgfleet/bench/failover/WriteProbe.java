package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One client that writes a row after the other, each in a transaction of its own, and connects
 * again when its connection breaks. A number whose outcome is unknown is not used again.
 */
final class WriteProbe implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final Duration BETWEEN_WRITES = Duration.ofMillis(2);

  private final Target target;
  private final Thread thread;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicInteger errors = new AtomicInteger();
  private volatile long lastAt = System.nanoTime();
  private volatile long longest;
  private volatile boolean closed;

  private WriteProbe(Target target) {
    this.target = target;
    this.thread = Thread.ofPlatform().daemon().name("write-probe").unstarted(this::run);
  }

  /** Makes an empty table and begins to write. */
  static WriteProbe start(Target target) {
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS probe");
      statement.execute("CREATE TABLE probe (id bigint, at timestamptz DEFAULT clock_timestamp())");
    } catch (SQLException e) {
      throw new BenchException("can't prepare " + target + ": " + e.getMessage(), "");
    }
    WriteProbe probe = new WriteProbe(target);
    probe.thread.start();
    return probe;
  }

  private void run() {
    long number = 0;
    while (!closed) {
      try (Connection connection = target.connect();
          PreparedStatement insert =
              connection.prepareStatement("INSERT INTO probe (id) VALUES (?)")) {
        while (!closed) {
          insert.setLong(1, ++number);
          insert.executeUpdate();
          acknowledged();
          pause(BETWEEN_WRITES);
        }
      } catch (SQLException e) {
        if (!closed) {
          errors.incrementAndGet();
          pause(PAUSE);
        }
      }
    }
  }

  private void acknowledged() {
    long now = System.nanoTime();
    longest = Math.max(longest, now - lastAt);
    lastAt = now;
    acknowledged.incrementAndGet();
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Forgets the longest gap and the errors so far. */
  void begin() {
    longest = 0;
    errors.set(0);
  }

  /** The longest time from one acknowledged write to the next since {@link #begin}. */
  Duration longest() {
    return Duration.ofNanos(Math.max(longest, System.nanoTime() - lastAt));
  }

  /** How many errors the client saw since {@link #begin}. */
  int errors() {
    return errors.get();
  }

  /** Writes acknowledged so far. */
  long count() {
    return acknowledged.get();
  }

  /** Stops writing, and counts acknowledged writes that are not there or there twice. */
  long lost() {
    close();
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(DISTINCT id), count(*) FROM probe")) {
      rows.next();
      long distinct = rows.getLong(1);
      long doubled = rows.getLong(2) - distinct;
      return Math.max(0, acknowledged.get() - distinct) + doubled;
    } catch (SQLException e) {
      throw new BenchException("can't count what was written: " + e.getMessage(), "");
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
