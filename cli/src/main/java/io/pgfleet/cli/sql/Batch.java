package io.pgfleet.cli.sql;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The statements and scripts of a command line, and the exit status they end with. */
final class Batch {
  static final int FINE = 0;
  static final int FATAL = 1;
  static final int LOST = 2;
  static final int STOPPED = 3;

  private final Session session;
  private final boolean single;

  /** What to run. */
  sealed interface Action {}

  /** SQL of one or more statements, sent as one, or one meta command. */
  record Statement(String text) implements Action {}

  /** A file, or standard input for a dash. */
  record Script(String file) implements Action {}

  Batch(Session session, boolean single) {
    this.session = session;
    this.single = single;
  }

  int run(List<Action> actions) throws IOException {
    if (single && !bracket("BEGIN")) {
      return session.isConnected() ? FATAL : LOST;
    }
    int status = FINE;
    for (Action action : actions) {
      int ended =
          switch (action) {
            case Statement statement -> statement(statement.text());
            case Script script -> script(script.file());
          };
      if (ended != FINE) {
        status = ended;
        if (ended == LOST || session.variables().isOn(Variables.ON_ERROR_STOP)) {
          break;
        }
      }
    }
    if (single && session.isConnected()) {
      boolean ended = bracket(status == FINE ? "COMMIT" : "ROLLBACK");
      return ended || status != FINE ? status : FATAL;
    }
    return status;
  }

  private boolean bracket(String sql) throws IOException {
    boolean quiet = session.quiet();
    session.quiet(true);
    try {
      return interpreter("").execute(sql, session.style(), null);
    } finally {
      session.quiet(quiet);
    }
  }

  private Interpreter interpreter(String text) {
    BufferedReader reader = new BufferedReader(new StringReader(text));
    return new Interpreter(session, LineSource.of(reader, null, Path.of("")), 0);
  }

  private int statement(String text) throws IOException {
    boolean fine;
    if (text.stripLeading().startsWith("\\")) {
      fine =
          switch (interpreter(text).run()) {
            case DONE, QUIT -> true;
            case STOPPED, LOST -> false;
          };
    } else if (text.isBlank()) {
      fine = true;
    } else {
      BufferedReader input =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      LineSource source = LineSource.of(input, null, Path.of(""));
      fine = new Interpreter(session, source, 0).execute(text, session.style(), null);
    }
    return fine ? FINE : session.isConnected() ? FATAL : LOST;
  }

  private int script(String file) throws IOException {
    boolean input = file.equals("-");
    try (BufferedReader reader =
        input
            ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
            : SqlScript.open(Path.of(file))) {
      LineSource source =
          LineSource.of(
              reader,
              input ? "<stdin>" : file,
              input ? Path.of("") : ScriptCommands.folder(Path.of(file)));
      return switch (new Interpreter(session, source, 0).run()) {
        case DONE, QUIT -> FINE;
        case STOPPED -> STOPPED;
        case LOST -> LOST;
      };
    } catch (ShellException e) {
      session.err().println("pgfleet: " + e.getMessage());
      return FATAL;
    } catch (IOException e) {
      session.err().println("pgfleet: cannot read " + file + ": " + Failures.reason(e));
      return FATAL;
    }
  }
}
