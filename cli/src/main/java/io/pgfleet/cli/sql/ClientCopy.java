package io.pgfleet.cli.sql;

import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code \copy}: COPY with a file or a stream of this side. */
final class ClientCopy {
  private ClientCopy() {}

  static void run(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    CopyClause clause = CopyClause.parse(arguments.rest());
    Session session = interpreter.session();
    Connection connection = session.connection();
    session.running(true);
    try {
      long rows = clause.from() ? in(clause, connection, interpreter) : out(clause, interpreter);
      if (rows >= 0 && session.style().showsTags() && !session.quiet()) {
        session.say("COPY " + rows);
      }
    } finally {
      session.running(false);
    }
  }

  private static long in(CopyClause clause, Connection connection, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    if (clause.isFile()) {
      Path file = ScriptCommands.resolve(clause.place(), interpreter, false);
      try (InputStream source = open(file)) {
        return connection.copyIn(clause.sql(), source);
      }
    }
    if (clause.place().equals("pstdin")) {
      return connection.copyIn(clause.sql(), System.in);
    }
    return interpreter.copyInline(clause.sql());
  }

  private static InputStream open(Path file) throws ShellException {
    try {
      if (Files.isDirectory(file)) {
        throw new ShellException("cannot read " + file + ": it is a folder");
      }
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new ShellException("cannot read " + file + ": " + Failures.reason(e), e);
    }
  }

  /** Rows copied; -1 if they went to the output, where a count has no place. */
  private static long out(CopyClause clause, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    Session session = interpreter.session();
    if (!clause.isFile()) {
      boolean quiet = session.quiet();
      session.quiet(true);
      try {
        new StatementRunner(session, session.style(), null).run(clause.sql(), null);
      } finally {
        session.quiet(quiet);
      }
      return -1;
    }
    Path file = ScriptCommands.resolve(clause.place(), interpreter, false);
    OutputStream sink;
    try {
      sink = new BufferedOutputStream(Files.newOutputStream(file));
    } catch (IOException e) {
      throw new ShellException("cannot write " + file + ": " + Failures.reason(e), e);
    }
    try (sink) {
      return session.connection().copyOut(clause.sql(), sink);
    }
  }
}
