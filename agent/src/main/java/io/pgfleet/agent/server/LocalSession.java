package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Result;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server that is opened when it is needed and opened anew when it broke. Every
 * wait is bounded by the settings. Used by one thread.
 */
final class LocalSession implements AutoCloseable {
  private static final Set<String> NOT_NOW =
      Set.of(SqlState.CANNOT_CONNECT_NOW, SqlState.ADMIN_SHUTDOWN, SqlState.CRASH_SHUTDOWN);

  private final ConnectSettings settings;
  private @Nullable Connection connection;

  LocalSession(ConnectSettings settings) {
    this.settings = settings;
  }

  /** The server did not answer: it is not up, or it hangs. */
  static final class SilentException extends Exception {
    private static final long serialVersionUID = 1L;

    SilentException(Exception cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }
  }

  /**
   * Runs statements that only read; tells a server that does not answer from one that refuses. A
   * connection from before a restart of the server is found broken here and replaced.
   */
  List<Result> ask(String sql) throws SilentException, NodeServerException {
    boolean used = connection != null;
    try {
      return once(sql);
    } catch (SilentException e) {
      if (!used) {
        throw e;
      }
      return once(sql);
    }
  }

  private List<Result> once(String sql) throws SilentException, NodeServerException {
    try {
      return open().query(sql);
    } catch (IOException e) {
      close();
      throw new SilentException(e);
    } catch (PostgresException e) {
      if (NOT_NOW.contains(e.sqlState())) {
        close();
        throw new SilentException(e);
      }
      throw new NodeServerException("the server refused: " + e.getMessage(), e);
    }
  }

  /** Runs statements of which each must succeed. */
  List<Result> run(String sql) throws NodeServerException {
    try {
      return once(sql);
    } catch (SilentException e) {
      throw new NodeServerException("the server does not answer: " + e.getMessage(), e);
    }
  }

  /** Runs one statement with text parameters. */
  Result run(String sql, @Nullable String... parameters) throws NodeServerException {
    try {
      return open().query(sql, parameters);
    } catch (IOException e) {
      close();
      throw new NodeServerException("the server does not answer: " + e.getMessage(), e);
    } catch (PostgresException e) {
      throw new NodeServerException("the server refused: " + e.getMessage(), e);
    }
  }

  private Connection open() throws IOException, PostgresException {
    Connection current = connection;
    if (current == null || current.isBroken()) {
      close();
      current = Connection.open(settings);
      connection = current;
    }
    return current;
  }

  @Override
  public void close() {
    Connection current = connection;
    connection = null;
    if (current != null) {
      current.close();
    }
  }
}
