package io.pgfleet.chaos.client;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A thread with one connection that it makes anew when it is lost, doing the same thing again and
 * again until it is told to end.
 */
final class Client implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final int LEAST_PAUSE_MILLIS = 20;
  private static final int MOST_PAUSE_MILLIS = 60;
  private static final int RECONNECT_MILLIS = 100;
  private static final Duration END = PATIENCE.plusSeconds(10);

  /** What a client does. */
  interface Act {
    /**
     * Does it once.
     *
     * @throws SQLException if the connection should be looked at
     */
    void run(Connection connection) throws SQLException;
  }

  private final String name;
  private final Address address;
  private final Address.Protocol protocol;
  private final Journal journal;
  private final Act act;
  private final Random random = new Random();
  private final Thread thread;
  private volatile boolean ending;

  Client(String name, Address address, Address.Protocol protocol, Journal journal, Act act) {
    this.name = name;
    this.address = address;
    this.protocol = protocol;
    this.journal = journal;
    this.act = act;
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::live);
  }

  private void live() {
    Connection connection = null;
    while (!ending) {
      try {
        if (connection == null) {
          connection = address.connect(protocol, PATIENCE);
        }
        act.run(connection);
        Thread.sleep(random.nextInt(LEAST_PAUSE_MILLIS, MOST_PAUSE_MILLIS));
      } catch (SQLException e) {
        journal.error(name, e);
        connection = kept(connection);
        pause();
      } catch (InterruptedException e) {
        break;
      }
    }
    drop(connection);
  }

  private static @Nullable Connection kept(@Nullable Connection connection) {
    try {
      if (connection != null && !connection.isClosed()) {
        if (!connection.getAutoCommit()) {
          connection.rollback();
        }
        return connection;
      }
    } catch (SQLException ignored) {
      // it is of no use any more
    }
    drop(connection);
    return null;
  }

  private static void drop(@Nullable Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException ignored) {
      // it was lost before
    }
  }

  private void pause() {
    try {
      Thread.sleep(RECONNECT_MILLIS);
    } catch (InterruptedException e) {
      ending = true;
    }
  }

  void end() {
    ending = true;
  }

  /** Waits until what it was doing is answered or given up. */
  @Override
  public void close() {
    ending = true;
    try {
      thread.join(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      journal.violation("client " + name + " never got an answer nor an error");
    }
  }
}
