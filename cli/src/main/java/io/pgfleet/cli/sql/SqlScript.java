package io.pgfleet.cli.sql;

import io.pgfleet.wire.client.Connection;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * Runs a file of SQL and meta commands, such as those that {@code init} in fleet.yaml lists. It
 * stops at the first error; files that it names ({@code \i}, {@code \ir}, {@code \copy}) are sought
 * beside it.
 */
public final class SqlScript {
  private SqlScript() {}

  /**
   * Runs a script to its end.
   *
   * @param out takes what statements print, notices included
   * @throws ShellException at the first error; the message begins with file and line
   */
  public static void run(Path file, Connection connection, Writer out) throws ShellException {
    StringWriter errors = new StringWriter();
    Session session = new Session(out, new PrintWriter(errors), InstantSource.system(), false);
    Interpreter.End end;
    try (BufferedReader reader = open(file)) {
      session.use(connection);
      session.quiet(true);
      session.relativeToScript(true);
      session.variables().set(Variables.ON_ERROR_STOP, "on");
      LineSource source = LineSource.of(reader, file.toString(), ScriptCommands.folder(file));
      end = new Interpreter(session, source, 0).run();
      out.flush();
    } catch (IOException e) {
      throw new ShellException("cannot run " + file + ": " + Failures.reason(e), e);
    }
    switch (end) {
      case DONE, QUIT -> {
        try {
          out.append(errors.getBuffer());
        } catch (IOException e) {
          throw new ShellException("cannot write the output of " + file, e);
        }
      }
      case STOPPED, LOST -> throw new ShellException(errors.toString().strip());
    }
  }

  /** Opens a file as UTF-8, without the mark that some editors put first. */
  static BufferedReader open(Path file) throws ShellException {
    try {
      if (Files.isDirectory(file)) {
        throw new ShellException("cannot read " + file + ": it is a folder");
      }
      BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
      reader.mark(1);
      if (reader.read() != 0xFEFF) {
        reader.reset();
      }
      return reader;
    } catch (IOException e) {
      throw new ShellException("cannot read " + file + ": " + Failures.reason(e), e);
    }
  }
}
