package io.pgfleet.cli.sql;

import io.pgfleet.cli.sql.print.PrintStyle;
import io.pgfleet.cli.sql.print.PrintStyle.Expanded;
import io.pgfleet.cli.sql.print.PrintStyle.Layout;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Commands about the shell itself: its looks, its variables, its connection. */
final class SettingCommands {
  static final List<MetaCommand> ALL =
      List.of(
          MetaCommand.of(
              "c connect", "[DB [USER [HOST [PORT]]]]", "connect anew", SettingCommands::connect),
          MetaCommand.of("conninfo", "", "what is connected", SettingCommands::info),
          MetaCommand.of("x", "[on|off|auto]", "expanded records", SettingCommands::expanded),
          MetaCommand.of("a", "", "aligned or unaligned tables", SettingCommands::aligned),
          MetaCommand.of("t", "[on|off]", "rows only", SettingCommands::tuples),
          MetaCommand.of("timing", "[on|off]", "time of each statement", SettingCommands::timing),
          MetaCommand.of(
              "pset",
              "[NAME [VALUE]]",
              "null, border, format, expanded, fieldsep, tuples_only",
              SettingCommands::pset),
          MetaCommand.of("set", "[NAME [VALUE...]]", "set a variable", SettingCommands::set),
          MetaCommand.of("unset", "NAME", "forget a variable", SettingCommands::unset),
          MetaCommand.of("o out", "[FILE]", "send output to a file, or back", SettingCommands::out),
          MetaCommand.of(
              "echo qecho", "[TEXT]", "write to the output", (a, i) -> i.session().say(a.from(0))),
          MetaCommand.of("warn", "[TEXT]", "write to standard error", SettingCommands::warn));

  private SettingCommands() {}

  private static void connect(MetaArguments arguments, Interpreter interpreter)
      throws ShellException, IOException, PostgresException {
    Session session = interpreter.session();
    Connection current = session.connectionOrNull();
    if (current == null) {
      throw new ShellException("there is no connection whose settings could be used again");
    }
    ConnectSettings settings = current.settings();
    String database = argument(arguments, 0, settings.database());
    String user = argument(arguments, 1, settings.user());
    String host = argument(arguments, 2, settings.host());
    String port = argument(arguments, 3, "" + settings.port());
    if (database.startsWith("postgresql://") || database.startsWith("postgres://")) {
      settings = ConnectionUri.parse(database).over(settings);
    } else {
      try {
        // a password goes to the server it is for, and for the user it is of
        boolean same =
            user.equals(settings.user())
                && host.equals(settings.host())
                && port.equals("" + settings.port());
        settings =
            settings
                .withAddress(host, Integer.parseInt(port))
                .withDatabase(database)
                .withUser(user, same ? settings.password() : Passwords.forUser(user));
      } catch (IllegalArgumentException e) {
        throw new ShellException("cannot connect: " + e.getMessage(), e);
      }
    }
    try {
      session.connect(settings);
    } catch (IOException | PostgresException e) {
      throw new ShellException(
          e.getMessage() + (current.isBroken() ? "" : "\nThe connection before is kept."), e);
    }
    if (!session.quiet()) {
      info(arguments, interpreter);
    }
  }

  private static String argument(MetaArguments arguments, int index, String otherwise) {
    String value = MetaArguments.unquoted(arguments.get(index, "-"));
    return value.equals("-") ? otherwise : value;
  }

  private static void info(MetaArguments arguments, Interpreter interpreter) throws ShellException {
    Connection connection = interpreter.session().connection();
    ConnectSettings settings = connection.settings();
    interpreter
        .session()
        .say(
            "You are connected to database \""
                + settings.database()
                + "\" as user \""
                + settings.user()
                + "\" on host \""
                + settings.host()
                + "\" at port \""
                + settings.port()
                + "\" (server "
                + connection.parameters().getOrDefault("server_version", "unknown")
                + ").");
  }

  private static void expanded(MetaArguments arguments, Interpreter interpreter)
      throws ShellException {
    String value = arguments.get(0, "");
    Session session = interpreter.session();
    Expanded before = session.style().expanded();
    Expanded wanted;
    if (value.isEmpty()) {
      wanted = before == Expanded.OFF ? Expanded.ON : Expanded.OFF;
    } else if (value.equals("auto")) {
      wanted = Expanded.AUTO;
    } else {
      wanted = Variables.isTrue("\\x", value) ? Expanded.ON : Expanded.OFF;
    }
    session.style(session.style().withExpanded(wanted));
    confirm(
        session,
        switch (wanted) {
          case ON -> "Expanded display is on.";
          case OFF -> "Expanded display is off.";
          case AUTO -> "Expanded display is used automatically.";
        });
  }

  private static void confirm(Session session, String text) {
    if (!session.quiet()) {
      session.say(text);
    }
  }

  private static void aligned(MetaArguments arguments, Interpreter interpreter) {
    Session session = interpreter.session();
    layout(session, session.style().layout() == Layout.ALIGNED ? Layout.UNALIGNED : Layout.ALIGNED);
  }

  private static void layout(Session session, Layout layout) {
    session.style(session.style().withLayout(layout));
    confirm(session, "Output format is " + layout.name().toLowerCase(Locale.ROOT) + ".");
  }

  private static void tuples(MetaArguments arguments, Interpreter interpreter)
      throws ShellException {
    Session session = interpreter.session();
    boolean on = toggle("\\t", arguments.get(0, ""), session.style().tuplesOnly());
    session.style(session.style().withTuplesOnly(on));
    confirm(session, "Tuples only is " + word(on) + ".");
  }

  private static void timing(MetaArguments arguments, Interpreter interpreter)
      throws ShellException {
    Session session = interpreter.session();
    session.timing(toggle("\\timing", arguments.get(0, ""), session.timing()));
    confirm(session, "Timing is " + word(session.timing()) + ".");
  }

  private static boolean toggle(String what, String value, boolean before) throws ShellException {
    return value.isEmpty() ? !before : Variables.isTrue(what, value);
  }

  private static String word(boolean on) {
    return on ? "on" : "off";
  }

  private static void pset(MetaArguments arguments, Interpreter interpreter) throws ShellException {
    Session session = interpreter.session();
    PrintStyle style = session.style();
    String value = MetaArguments.unquoted(arguments.get(1, ""));
    switch (arguments.get(0, "")) {
      case "" -> {
        session.say("border       " + style.border());
        session.say("expanded     " + style.expanded().name().toLowerCase(Locale.ROOT));
        session.say("fieldsep     '" + style.separator() + "'");
        session.say("format       " + style.layout().name().toLowerCase(Locale.ROOT));
        session.say("null         '" + style.nullText() + "'");
        session.say("tuples_only  " + word(style.tuplesOnly()));
      }
      case "null" -> {
        session.style(style.withNullText(value));
        confirm(session, "Null display is \"" + value + "\".");
      }
      case "border" -> {
        try {
          session.style(style.withBorder(Integer.parseInt(value)));
        } catch (IllegalArgumentException e) {
          throw new ShellException("border must be 0, 1 or 2", e);
        }
        confirm(session, "Border style is " + value + ".");
      }
      case "fieldsep" -> {
        session.style(style.withSeparator(value));
        confirm(session, "Field separator is \"" + value + "\".");
      }
      case "format" -> {
        try {
          layout(session, Layout.valueOf(value.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
          throw new ShellException("the formats are aligned, unaligned, csv and json", e);
        }
      }
      case "expanded", "x" -> expanded(shifted(arguments), interpreter);
      case "tuples_only", "t" -> tuples(shifted(arguments), interpreter);
      default ->
          throw new ShellException(
              "there is no option \""
                  + arguments.get(0, "")
                  + "\": null, border, format, expanded, fieldsep, tuples_only are known");
    }
  }

  private static MetaArguments shifted(MetaArguments arguments) {
    return new MetaArguments(
        arguments.name(), "", arguments.arguments().subList(1, arguments.arguments().size()));
  }

  private static void set(MetaArguments arguments, Interpreter interpreter) throws ShellException {
    Session session = interpreter.session();
    if (arguments.arguments().isEmpty()) {
      session.variables().all().forEach((name, value) -> session.say(name + " = '" + value + "'"));
      return;
    }
    List<String> values = arguments.arguments().subList(1, arguments.arguments().size());
    session.variables().set(arguments.get(0, ""), String.join("", values));
  }

  private static void unset(MetaArguments arguments, Interpreter interpreter)
      throws ShellException {
    if (arguments.arguments().isEmpty()) {
      throw new ShellException("the name of a variable is missing");
    }
    interpreter.session().variables().unset(arguments.get(0, ""));
  }

  private static void out(MetaArguments arguments, Interpreter interpreter) throws ShellException {
    String file = MetaArguments.unquoted(arguments.get(0, ""));
    interpreter.session().redirect(file.isEmpty() ? null : Path.of(file));
  }

  private static void warn(MetaArguments arguments, Interpreter interpreter) {
    interpreter.session().err().println(arguments.from(0));
    interpreter.session().err().flush();
  }
}
