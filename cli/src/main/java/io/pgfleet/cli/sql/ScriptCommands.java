package io.pgfleet.cli.sql;

import io.pgfleet.cli.sql.print.PrintStyle;
import io.pgfleet.cli.sql.print.PrintStyle.Expanded;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Commands that run statements: files, the buffer, again and again. */
final class ScriptCommands {
  static final List<MetaCommand> ALL =
      List.of(
          new MetaCommand(
              List.of("i", "include"), "FILE", "run a file", (a, i) -> include(a, i, false)),
          new MetaCommand(
              List.of("ir", "include_relative"),
              "FILE",
              "run a file beside this one",
              (a, i) -> include(a, i, true)),
          MetaCommand.of(
              "copy",
              "TABLE from|to 'FILE'|stdin|stdout ...",
              "COPY with a file on this side",
              ClientCopy::run),
          new MetaCommand(
              List.of("g"), "[FILE]", "run the statement, or the last one", ScriptCommands::go),
          new MetaCommand(List.of("gx"), "", "the same, as expanded records", ScriptCommands::go),
          new MetaCommand(
              List.of("watch"),
              "[SECONDS] [c=TIMES]",
              "run it again and again",
              ScriptCommands::watch),
          MetaCommand.of("e edit", "[FILE]", "edit the statement in $EDITOR", ScriptCommands::edit),
          MetaCommand.of("p print", "", "show the statement so far", ScriptCommands::show),
          MetaCommand.of(
              "r reset", "", "forget the statement so far", (a, i) -> i.scanner().reset()));

  private ScriptCommands() {}

  private static Path file(MetaArguments arguments, Interpreter interpreter, boolean relative)
      throws ShellException {
    String name = MetaArguments.unquoted(arguments.from(0));
    if (name.isEmpty()) {
      throw new ShellException("the name of a file is missing");
    }
    return resolve(name, interpreter, relative);
  }

  /** Where a file is that a script names. */
  static Path resolve(String name, Interpreter interpreter, boolean relative) {
    boolean beside = relative || interpreter.session().relativeToScript();
    return beside ? interpreter.source().folder().resolve(name) : Path.of(name);
  }

  private static Interpreter.@Nullable End include(
      MetaArguments arguments, Interpreter interpreter, boolean relative)
      throws ShellException, IOException {
    Path file = file(arguments, interpreter, relative);
    Interpreter.End end;
    try (BufferedReader reader = SqlScript.open(file)) {
      end = interpreter.nested(LineSource.of(reader, file.toString(), folder(file))).run();
    }
    return switch (end) {
      case DONE, QUIT -> null;
      case STOPPED, LOST -> Interpreter.End.STOPPED;
    };
  }

  /** The folder a file is in. */
  static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  private static String statement(Interpreter interpreter) throws ShellException {
    String sql = interpreter.bufferOrLast();
    if (sql == null) {
      throw new ShellException("there is no statement to run");
    }
    return sql;
  }

  private static Interpreter.@Nullable End go(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException {
    String sql = statement(interpreter);
    Session session = interpreter.session();
    PrintStyle style =
        arguments.name().equals("gx") ? session.style().withExpanded(Expanded.ON) : session.style();
    String file = MetaArguments.unquoted(arguments.from(0));
    if (!file.isEmpty()) {
      session.redirect(Path.of(file));
    }
    try {
      return interpreter.execute(sql, style, null) ? null : Interpreter.End.STOPPED;
    } finally {
      if (!file.isEmpty()) {
        session.redirect(null);
      }
    }
  }

  private static Interpreter.@Nullable End watch(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException {
    Duration interval = Duration.ofSeconds(2);
    long times = Long.MAX_VALUE;
    for (String argument : arguments.arguments()) {
      try {
        if (argument.startsWith("c=")) {
          times = Long.parseLong(argument.substring(2));
        } else {
          String seconds = argument.startsWith("i=") ? argument.substring(2) : argument;
          interval = Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000));
        }
      } catch (NumberFormatException e) {
        throw new ShellException("\"" + argument + "\" is no number of seconds", e);
      }
      if (interval.isNegative() || times < 1) {
        throw new ShellException("\"" + argument + "\" is too small");
      }
    }
    String sql = statement(interpreter);
    Session session = interpreter.session();
    for (long i = 0; i < times; i++) {
      String now =
          DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
              session
                  .clock()
                  .instant()
                  .atZone(ZoneId.systemDefault())
                  .truncatedTo(ChronoUnit.SECONDS));
      String every = "%.3g".formatted(interval.toMillis() / 1000.0);
      String title = now.replace('T', ' ') + " (every " + every + "s)";
      if (!interpreter.execute(sql, session.style(), title)) {
        return Interpreter.End.STOPPED;
      }
      if (i + 1 < times && session.pause(interval)) {
        break;
      }
    }
    return null;
  }

  private static void show(MetaArguments arguments, Interpreter interpreter) {
    interpreter.session().say(interpreter.scanner().buffer().stripTrailing());
  }

  private static void edit(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException {
    String name = MetaArguments.unquoted(arguments.from(0));
    String before = name.isEmpty() ? interpreter.bufferOrLast() : null;
    Path file = name.isEmpty() ? Files.createTempFile("pgfleet-", ".sql") : Path.of(name);
    try {
      if (name.isEmpty()) {
        Files.writeString(file, before == null ? "" : before + "\n");
      }
      runEditor(file);
      String text = Files.readString(file);
      Interpreter edited =
          interpreter.nested(
              LineSource.of(
                  new BufferedReader(new StringReader(text)), null, interpreter.source().folder()));
      edited.run();
      if (edited.scanner().isPending()) {
        interpreter.scanner().preload(edited.scanner().take());
      }
    } finally {
      if (name.isEmpty()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void runEditor(Path file) throws ShellException, IOException {
    String editor = "vi";
    for (String name : List.of("PSQL_EDITOR", "EDITOR", "VISUAL")) {
      String value = System.getenv(name);
      if (value != null && !value.isBlank()) {
        editor = value;
        break;
      }
    }
    Process process =
        new ProcessBuilder("/bin/sh", "-c", editor + " \"$1\"", "sh", file.toString())
            .inheritIO()
            .start();
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new ShellException(
            String.format(Locale.ROOT, "the editor \"%s\" failed with status %d", editor, status));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ShellException("interrupted", e);
    }
  }
}
