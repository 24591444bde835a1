package io.pgfleet.cli.sql;

import io.pgfleet.cli.sql.print.PrintStyle;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Runs the statements and meta commands of one source, one after the other. */
final class Interpreter {
  private static final int MAX_DEPTH = 50;

  /** How a source ended. */
  enum End {
    DONE,
    /** By a {@code \q}. */
    QUIT,
    /** At an error, with ON_ERROR_STOP. */
    STOPPED,
    /** Because the connection went. */
    LOST
  }

  private final Session session;
  private final LineSource source;
  private final int depth;
  private final SqlScanner scanner = new SqlScanner();
  private int dataLines;
  private @Nullable End quitting;
  private @Nullable String lastStatement;

  Interpreter(Session session, LineSource source, int depth) {
    this.session = session;
    this.source = source;
    this.depth = depth;
  }

  Session session() {
    return session;
  }

  LineSource source() {
    return source;
  }

  SqlScanner scanner() {
    return scanner;
  }

  /** An interpreter for a file that this one includes. */
  Interpreter nested(LineSource included) throws ShellException {
    if (depth >= MAX_DEPTH) {
      throw new ShellException("files include each other more than " + MAX_DEPTH + " deep");
    }
    return new Interpreter(session, included, depth + 1);
  }

  /** The text of {@code \g}: the unfinished statement, or else the last one. */
  @Nullable String bufferOrLast() {
    return scanner.isPending() ? scanner.take() : lastStatement;
  }

  /** Runs the source to its end. */
  End run() throws IOException {
    while (true) {
      String line = source.next(scanner.isPending());
      if (line == null) {
        break;
      }
      End end = line(line);
      if (end != null) {
        return end;
      }
    }
    if (scanner.isPending() && !session.interactive()) {
      int line = scanner.statementLine();
      if (!statement(scanner.take(), line)) {
        return failed();
      }
    }
    return End.DONE;
  }

  private @Nullable End line(String line) throws IOException {
    Connection connection = session.connectionOrNull();
    if (connection != null) {
      scanner.setStandardStrings(
          !"off".equals(connection.parameters().get("standard_conforming_strings")));
    }
    scanner.append(line);
    SqlScanner.Item item = scanner.next(session.variables());
    while (item != null) {
      boolean fine =
          switch (item) {
            case SqlScanner.Statement statement -> statement(statement.sql(), statement.line());
            case SqlScanner.Meta meta -> {
              End end = meta(meta);
              if (end != null && end != End.STOPPED) {
                yield quit(end);
              }
              yield end == null;
            }
          };
      if (quitting != null) {
        return quitting;
      }
      if (!fine) {
        scanner.dropLine();
        if (stops()) {
          return failed();
        }
      }
      item = scanner.next(session.variables());
    }
    return null;
  }

  private boolean quit(End end) {
    quitting = end;
    return true;
  }

  private boolean stops() {
    return (!session.interactive() || depth > 0)
        && (session.variables().isOn(Variables.ON_ERROR_STOP) || !session.isConnected());
  }

  private End failed() {
    return session.isConnected() ? End.STOPPED : End.LOST;
  }

  /** Null to go on, STOPPED for an error, else the end of the source. */
  private @Nullable End meta(SqlScanner.Meta meta) throws IOException {
    try {
      MetaArguments arguments = MetaArguments.parse(meta.text(), session.variables());
      return MetaCommands.run(arguments, this);
    } catch (ShellException e) {
      report(meta.line(), "\\" + firstWord(meta.text()) + ": " + e.getMessage() + "\n");
    } catch (PostgresException e) {
      report(meta.line(), ErrorText.of(e.report(), null));
      recover();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (IOException e) {
      report(meta.line(), e.getMessage() + "\n");
      recover();
    }
    return End.STOPPED;
  }

  private static String firstWord(String text) {
    return text.split("\\s", 2)[0];
  }

  private boolean statement(String sql, int line) throws IOException {
    return execute(sql, line, session.style(), null);
  }

  /** Runs a text of SQL with another style, as {@code \gx} does. */
  boolean execute(String sql, PrintStyle style, @Nullable String title) throws IOException {
    return execute(sql, scanner.lineNumber(), style, title);
  }

  private boolean execute(String sql, int line, PrintStyle style, @Nullable String title)
      throws IOException {
    lastStatement = sql;
    InlineData data = new InlineData(source);
    try {
      session.forgetInterrupts();
      new StatementRunner(session, style, title).run(sql, data);
      return true;
    } catch (PostgresException e) {
      int position = ErrorText.position(e.report());
      int offset = position > 0 ? ErrorText.lineOffset(sql, position) : 0;
      report(line + offset, ErrorText.of(e.report(), sql));
      recover();
    } catch (ShellException e) {
      report(line, "ERROR:  " + e.getMessage() + "\n");
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (IOException e) {
      report(line, "ERROR:  " + e.getMessage() + "\n");
      recover();
    } finally {
      dataLines += data.lines();
    }
    return false;
  }

  /** Runs a COPY FROM STDIN whose data are the next lines of the source. */
  long copyInline(String sql) throws IOException, PostgresException, ShellException {
    InlineData data = new InlineData(source);
    try {
      return session.connection().copyIn(sql, data);
    } finally {
      data.drain();
      dataLines += data.lines();
    }
  }

  private void report(int line, String text) {
    String name = source.name();
    String where = name == null ? "" : name + ":" + (line + dataLines) + ": ";
    session.err().print(where + text);
    session.err().flush();
  }

  /** Connects again, once, where someone sits in front of it. */
  private void recover() {
    Connection lost = session.connectionOrNull();
    if (lost == null || !lost.isBroken() || !session.interactive()) {
      return;
    }
    session.err().print("The connection to the server was lost. Attempting reset: ");
    session.err().flush();
    try {
      session.connect(lost.settings());
      session.err().println("Succeeded.");
    } catch (IOException | PostgresException e) {
      session.err().println("Failed.\n" + e.getMessage() + "\nUse \\c to connect again.");
    }
    session.err().flush();
  }
}
