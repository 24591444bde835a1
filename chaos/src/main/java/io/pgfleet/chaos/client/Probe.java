package io.pgfleet.chaos.client;

import io.pgfleet.chaos.check.Attempt;
import io.pgfleet.chaos.check.Attempt.Outcome;
import io.pgfleet.chaos.client.RoleSpan.State;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Goes to one server past the gateway, again and again: asks for its role, and writes whenever the
 * server says that it may. So a second server that accepted writes would get some.
 */
public final class Probe implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int PAUSE_MILLIS = 150;

  private final String node;
  private final Address address;
  private final Journal journal;
  private final List<RoleSpan> spans = new ArrayList<>();
  private final Thread thread;
  private State state = State.DOWN;
  private Duration since;
  private long sequence;
  private volatile boolean ending;

  /** Begins. */
  public Probe(String node, Address address, Journal journal) {
    this.node = node;
    this.address = address;
    this.journal = journal;
    this.since = journal.clock().now();
    this.thread = Thread.ofPlatform().daemon().name("probe-" + node).start(this::live);
  }

  private void live() {
    Connection connection = null;
    while (!ending) {
      Duration asked = journal.clock().now();
      boolean wrote = false;
      try {
        if (connection == null) {
          connection = address.connect(Address.Protocol.SIMPLE, PATIENCE);
        }
        if (inRecovery(connection)) {
          seen(State.STANDBY, asked);
        } else {
          wrote = true;
          write(connection);
          seen(State.PRIMARY, asked);
        }
      } catch (SQLException e) {
        boolean timedOut = timedOut(e);
        seen(!timedOut ? State.DOWN : wrote ? State.BLOCKED : State.SILENT, asked);
        drop(connection);
        connection = null;
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        break;
      }
    }
    drop(connection);
    seen(state, journal.clock().now());
  }

  private static boolean inRecovery(Connection connection) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery("SELECT pg_is_in_recovery()")) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  private void write(Connection connection) throws SQLException {
    sequence++;
    try (Statement insert = connection.createStatement()) {
      insert.executeUpdate(
          "INSERT INTO probes (client, sequence) VALUES ('" + node + "', " + sequence + ")");
      // Cancelling the wait for the standbys is told in a warning; nobody here cancels, but a
      // warning is not an acknowledgement in any case.
      Outcome outcome = insert.getWarnings() == null ? Outcome.ACKNOWLEDGED : Outcome.UNKNOWN;
      journal.wrote(Journal.Kind.PROBE, new Attempt(node, sequence, outcome));
    } catch (SQLException e) {
      journal.wrote(Journal.Kind.PROBE, new Attempt(node, sequence, Verdicts.of(e)));
      throw e;
    }
  }

  private static boolean timedOut(SQLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return true;
      }
    }
    return String.valueOf(error.getMessage()).contains("timeout");
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

  private synchronized void seen(State now, Duration asked) {
    if (now != state || ending) {
      spans.add(new RoleSpan(node, state, since, asked));
      state = now;
      since = asked;
    }
  }

  /** What it has seen up to now. */
  public synchronized List<RoleSpan> spans() {
    List<RoleSpan> all = new ArrayList<>(spans);
    all.add(new RoleSpan(node, state, since, journal.clock().now()));
    return List.copyOf(all);
  }

  @Override
  public void close() {
    ending = true;
    try {
      thread.join(PATIENCE.multipliedBy(4));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
