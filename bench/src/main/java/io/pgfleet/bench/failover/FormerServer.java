package io.pgfleet.bench.failover;

import io.pgfleet.bench.Target;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Goes straight to the server of a host that stood still, again and again, and writes without
 * waiting for any standby: what it gets done, the server has accepted although another is the
 * primary. It begins while the host stands still, so that it is there when it wakes.
 */
final class FormerServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final Target server;
  private final Thread thread;
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile boolean closed;

  private FormerServer(Target server) {
    this.server = server;
    this.thread = Thread.ofPlatform().daemon().name("former-server").unstarted(this::run);
  }

  /** Makes the table that {@link #watch} writes to, empty. */
  static void prepare(Target target) throws SQLException {
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS straight");
      statement.execute("CREATE TABLE straight (n int)");
    }
  }

  /**
   * Begins.
   *
   * @param server a superuser's way straight to it
   */
  static FormerServer watch(Target server) {
    FormerServer watch = new FormerServer(server);
    watch.thread.start();
    return watch;
  }

  private void run() {
    while (!closed) {
      try (Connection connection = server.connect(PATIENCE);
          Statement statement = connection.createStatement()) {
        statement.execute("SET synchronous_commit = local");
        while (!closed) {
          statement.execute("INSERT INTO straight VALUES (1)");
          accepted.incrementAndGet();
          Thread.sleep(PAUSE);
        }
      } catch (SQLException e) {
        // it stands still, has ended, or is a standby
        pause();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many of its writes the server has accepted. */
  int accepted() {
    return accepted.get();
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(PATIENCE.multipliedBy(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
