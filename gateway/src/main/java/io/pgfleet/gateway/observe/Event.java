package io.pgfleet.gateway.observe;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Something worth a line in a log. Its text is made by the log's own thread. */
public sealed interface Event {
  /** The line without its time. */
  String line();

  /** Whose event it is. */
  record Who(long client, String database, String user, String address) {
    private String words() {
      return "client="
          + client
          + " database="
          + quoted(database)
          + " user="
          + quoted(user)
          + " address="
          + address;
    }
  }

  /** A client has logged in. */
  record Connected(Who who, String applicationName) implements Event {
    @Override
    public String line() {
      return "connected " + who.words() + " application_name=" + quoted(applicationName);
    }
  }

  /** A client has gone. */
  record Disconnected(Who who, String reason, Duration stayed) implements Event {
    @Override
    public String line() {
      return "disconnected "
          + who.words()
          + " after="
          + seconds(stayed)
          + " reason="
          + quoted(reason);
    }
  }

  /** Why a statement is written down. */
  enum Cause {
    SLOW_STATEMENT,
    SLOW_TRANSACTION,
    TRACED;

    private String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * How long something ran.
   *
   * @param took from its first message to its end
   * @param busy of that, the time in which the server worked for it
   * @param waited for a server, before it began
   */
  record Times(Duration took, Duration busy, Duration waited) {}

  /**
   * A statement's text as it came.
   *
   * @param bytes its beginning, in UTF-8 or what the client uses instead
   * @param cut whether there was more
   * @param backslashEscapes whether plain strings know backslashes in that session
   */
  record Text(byte[] bytes, boolean cut, boolean backslashEscapes) {
    private String normal(String sqlState) {
      String sql = new String(bytes, StandardCharsets.UTF_8);
      // where PostgreSQL found no valid syntax, what looks like a literal may be none
      return sqlState.equals("42601")
          ? NormalText.unreadable(sql.length())
          : NormalText.of(sql, cut, backslashEscapes);
    }
  }

  /**
   * A statement, or a transaction with its last one.
   *
   * @param requests that the transaction had; 1 for a statement
   * @param pipelined whether others of the client were under way, so that the text may be a later
   *     one's
   * @param rows that the commands said they had to do with
   * @param sqlState of its error, or empty
   */
  record Ran(
      Cause cause,
      Instant at,
      Who who,
      Route route,
      Times times,
      int requests,
      boolean pipelined,
      long rows,
      String sqlState,
      Text text)
      implements Event {
    @Override
    public String line() {
      return cause.words()
          + " duration="
          + seconds(times.took())
          + (cause == Cause.SLOW_TRANSACTION
              ? " busy=" + seconds(times.busy()) + " requests=" + requests
              : "")
          + " wait="
          + seconds(times.waited())
          + " route="
          + route.label()
          + " rows="
          + rows
          + (sqlState.isEmpty() ? "" : " error=" + sqlState)
          + (pipelined ? " pipelined=true" : "")
          + " "
          + who.words()
          + (cause == Cause.SLOW_TRANSACTION ? " last=" : " statement=")
          + quoted(sql());
    }

    /** The statement without literals. */
    String sql() {
      return text.normal(sqlState);
    }
  }

  /** Text in double quotes, on one line: a log can't be forged through a name. */
  private static String quoted(String text) {
    StringBuilder safe = new StringBuilder("\"");
    text.codePoints()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            safe.append('\\').appendCodePoint(c);
          } else {
            safe.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
          }
        });
    return safe.append('"').toString();
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.6fs", time.toNanos() / 1e9);
  }
}
