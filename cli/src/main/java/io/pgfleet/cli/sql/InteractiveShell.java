package io.pgfleet.cli.sql;

import io.pgfleet.wire.client.Connection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** The prompt. Only this class and those it names load JLine. */
final class InteractiveShell implements LineSource {
  private final Session session;
  private final Terminal terminal;
  private final LineReader reader;
  private final NameCompleter completer;
  private final StatementParser parser = new StatementParser();
  private final Queue<String> typed = new ArrayDeque<>();
  private Runnable onInterrupt = () -> {};

  private InteractiveShell(Session session, Terminal terminal) throws IOException {
    this.session = session;
    this.terminal = terminal;
    this.completer = new NameCompleter(session);
    this.reader =
        LineReaderBuilder.builder()
            .appName("pgfleet")
            .terminal(terminal)
            .parser(parser)
            .completer(completer)
            .history(new DiscreetHistory())
            .variable(LineReader.HISTORY_FILE, historyFile())
            .variable(LineReader.HISTORY_SIZE, 5_000)
            .variable(LineReader.BELL_STYLE, "none")
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.CASE_INSENSITIVE, true)
            .option(LineReader.Option.INSERT_TAB, false)
            .build();
  }

  /** Prompts until the user leaves; the exit status. */
  static int run(Session session) throws IOException {
    try (Terminal terminal = TerminalBuilder.builder().name("pgfleet").system(true).build()) {
      InteractiveShell shell = new InteractiveShell(session, terminal);
      terminal.handle(Terminal.Signal.INT, signal -> shell.interrupted());
      session.paging(shell::page);
      Interpreter interpreter = new Interpreter(session, shell, 0);
      shell.onInterrupt = () -> interpreter.scanner().reset();
      session.say(
          "Connected to PostgreSQL "
              + session
                  .connection()
                  .parameters()
                  .getOrDefault("server_version", "of unknown version")
              + ". \\? is help, \\q or Ctrl-D quits.");
      interpreter.run();
      shell.reader.getHistory().save();
      return Batch.FINE;
    } catch (ShellException e) {
      session.err().println("pgfleet: " + e.getMessage());
      return Batch.LOST;
    }
  }

  private void interrupted() {
    terminal.writer().println(); // after the ^C that the terminal shows
    terminal.writer().flush();
    session.interrupt();
  }

  private PagedWriter page() {
    return new PagedWriter(
        session.out(), Math.max(terminal.getSize().getRows(), 2), Pagers.command());
  }

  /** In a folder that only the user may enter, for statements tell much. */
  private static Path historyFile() throws IOException {
    String state = System.getenv("XDG_STATE_HOME");
    Path home =
        state == null || state.isBlank()
            ? Path.of(System.getProperty("user.home", ""), ".local", "state")
            : Path.of(state);
    Path folder = home.resolve("pgfleet");
    Files.createDirectories(folder);
    Path file = folder.resolve("sql_history");
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    return file;
  }

  private String prompt(boolean pending) {
    Connection connection = session.connectionOrNull();
    if (connection == null || connection.isBroken()) {
      return "!?> ";
    }
    String state =
        switch (connection.transactionState()) {
          case IDLE -> "";
          case IN_TRANSACTION -> "*";
          case FAILED -> "!";
        };
    String end = "on".equals(connection.parameters().get("is_superuser")) ? "#" : ">";
    return connection.settings().database() + (pending ? "-" : "=") + state + end + " ";
  }

  @Override
  public @Nullable String next(boolean pending) {
    String line = typed.poll();
    if (line != null) {
      return line;
    }
    completer.forget();
    session.style(session.style().withWidth(terminal.getSize().getColumns()));
    while (true) {
      try {
        reader.setVariable(LineReader.SECONDARY_PROMPT_PATTERN, prompt(true).replace("%", "%%"));
        String text = reader.readLine(prompt(pending));
        String word = pending ? "" : text.strip().toLowerCase(Locale.ROOT);
        if (word.equals("exit") || word.equals("quit")) {
          return "\\q";
        }
        if (word.equals("help")) {
          return "\\?";
        }
        for (String part : text.split("\n", -1)) {
          typed.add(part);
        }
        return typed.poll();
      } catch (UserInterruptException e) {
        onInterrupt.run();
        return "";
      } catch (EndOfFileException e) {
        return null;
      }
    }
  }

  @Override
  public @Nullable String nextData() {
    String line = typed.poll();
    if (line != null) {
      return line;
    }
    parser.data(true);
    reader.setVariable(LineReader.DISABLE_HISTORY, true);
    try {
      return reader.readLine(">> ");
    } catch (EndOfFileException | UserInterruptException e) {
      return null;
    } finally {
      parser.data(false);
      reader.setVariable(LineReader.DISABLE_HISTORY, false);
    }
  }

  @Override
  public @Nullable String name() {
    return null;
  }

  @Override
  public Path folder() {
    return Path.of("");
  }
}
