package io.pgfleet.gateway.admin;

import io.pgfleet.gateway.observe.Trace;
import io.pgfleet.wire.SqlState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the text of admin commands. */
final class CommandText {
  private static final Pattern WORD =
      Pattern.compile(
          "\\G(?:\\s|--[^\\n]*(?:\\n|$)|/\\*(?s:.*?)\\*/)*"
              + "(?:\"((?:[^\"]|\"\")*)\"|'((?:[^']|'')*)'|([\\w.+-]+)|([=;(),*]))");
  private static final Pattern REST =
      Pattern.compile("(?:\\s|--[^\\n]*(?:\\n|$)|/\\*(?s:.*?)\\*/)*");
  private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h|)");

  /** What drivers ask a server when they connect; names in lower case. */
  private static final Map<String, String> SERVER_VALUES =
      Map.of(
          "client_encoding", "UTF8",
          "server_encoding", "UTF8",
          "standard_conforming_strings", "on",
          "datestyle", "ISO, MDY",
          "timezone", "UTC",
          "default_transaction_isolation", "read committed",
          "transaction_isolation", "read committed",
          "max_identifier_length", "63",
          "server_version", AdminSession.VERSION);

  /** Parameters of a session that a driver may set, to no effect. */
  private static final java.util.Set<String> SESSION_PARAMETERS =
      java.util.Set.of(
          "client_encoding",
          "datestyle",
          "timezone",
          "extra_float_digits",
          "application_name",
          "standard_conforming_strings",
          "search_path",
          "statement_timeout",
          "bytea_output",
          "intervalstyle",
          "client_min_messages",
          "default_transaction_isolation");

  private record Token(String text, boolean quoted) {
    boolean is(String word) {
      return !quoted && text.equalsIgnoreCase(word);
    }
  }

  private final List<Token> tokens;
  private final String shown;

  private CommandText(List<Token> tokens, String shown) {
    this.tokens = tokens;
    this.shown = shown;
  }

  /** Reads the commands of one message, which semicolons part. */
  static List<AdminCommand> read(String text) throws AdminRefusal {
    List<AdminCommand> commands = new ArrayList<>();
    List<Token> statement = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    int end = 0;
    while (end < text.length() && matcher.find()) {
      end = matcher.end();
      if (";".equals(matcher.group(4))) {
        add(commands, statement, text);
        statement = new ArrayList<>();
      } else {
        statement.add(token(matcher));
      }
    }
    if (!REST.matcher(text.substring(end)).matches()) {
      throw invalid(text);
    }
    add(commands, statement, text);
    return commands.isEmpty() ? List.of(new AdminCommand.Empty()) : commands;
  }

  private static void add(List<AdminCommand> commands, List<Token> statement, String text)
      throws AdminRefusal {
    if (!statement.isEmpty()) {
      commands.add(new CommandText(statement, text).command());
    }
  }

  private static Token token(Matcher matcher) {
    if (matcher.group(1) != null) {
      return new Token(matcher.group(1).replace("\"\"", "\""), true);
    }
    if (matcher.group(2) != null) {
      return new Token(matcher.group(2).replace("''", "'"), true);
    }
    String plain = matcher.group(3) == null ? matcher.group(4) : matcher.group(3);
    return new Token(plain, false);
  }

  private static AdminRefusal invalid(String text) {
    String first = text.strip();
    return new AdminRefusal(
        SqlState.SYNTAX_ERROR,
        "invalid command '"
            + first.substring(0, Math.min(first.length(), 100))
            + "', use SHOW HELP;");
  }

  private boolean at(int index, String word) {
    return index < tokens.size() && tokens.get(index).is(word);
  }

  private AdminCommand command() throws AdminRefusal {
    String head = tokens.getFirst().text().toUpperCase(Locale.ROOT);
    return switch (head) {
      case "SHOW" -> show();
      case "SELECT" -> select();
      case "SET" -> set();
      case "TRACE" -> trace();
      case "BEGIN" -> new AdminCommand.Courtesy("BEGIN");
      case "START" -> new AdminCommand.Courtesy("START TRANSACTION");
      case "COMMIT", "END" -> new AdminCommand.Courtesy("COMMIT");
      case "ROLLBACK", "ABORT" -> new AdminCommand.Courtesy("ROLLBACK");
      case "DISCARD" -> new AdminCommand.Courtesy("DISCARD ALL");
      case "RESET" -> new AdminCommand.Courtesy("RESET");
      case "DEALLOCATE" -> new AdminCommand.Courtesy("DEALLOCATE ALL");
      default -> act(head);
    };
  }

  private AdminCommand show() throws AdminRefusal {
    if (at(1, "transaction") && at(2, "isolation") && at(3, "level") && tokens.size() == 4) {
      return new AdminCommand.Value("transaction_isolation", "read committed");
    }
    if (tokens.size() != 2) {
      throw invalid(shown);
    }
    String what = tokens.get(1).text();
    Optional<Show> table = Show.named(what);
    if (table.isPresent()) {
      return new AdminCommand.Table(table.get());
    }
    String name = what.toLowerCase(Locale.ROOT);
    String value = SERVER_VALUES.get(name);
    if (value == null) {
      throw invalid(shown);
    }
    return new AdminCommand.Value(name, value);
  }

  /** PgBouncer takes SELECT for SHOW; drivers and health checks say SELECT 1. */
  private AdminCommand select() throws AdminRefusal {
    if (tokens.size() == 4 && at(1, "version") && at(2, "(") && at(3, ")")) {
      return new AdminCommand.Value("version", "PostgreSQL " + AdminSession.VERSION);
    }
    if (tokens.size() == 2 && tokens.get(1).text().matches("\\d{1,9}")) {
      return new AdminCommand.Value("?column?", tokens.get(1).text());
    }
    return show();
  }

  private AdminCommand set() throws AdminRefusal {
    boolean session = at(1, "session") || at(1, "local");
    int name = session ? 2 : 1;
    if (session && at(2, "characteristics")) {
      return new AdminCommand.Courtesy("SET");
    }
    if (tokens.size() < name + 3 || !(at(name + 1, "=") || at(name + 1, "to"))) {
      throw invalid(shown);
    }
    String key = tokens.get(name).text().toLowerCase(Locale.ROOT);
    if (SESSION_PARAMETERS.contains(key)) {
      return new AdminCommand.Courtesy("SET");
    }
    if (tokens.size() != name + 3) {
      throw invalid(shown);
    }
    return new AdminCommand.Set(key, tokens.get(name + 2).text());
  }

  private AdminCommand trace() throws AdminRefusal {
    if (!at(1, "client") || tokens.size() < 3) {
      throw invalid(shown);
    }
    long client = number(2);
    int every = 1;
    Duration length = Duration.ofMinutes(1);
    int next = 3;
    while (next < tokens.size()) {
      if (at(next, "off") && tokens.size() == 4) {
        every = 0;
        next++;
      } else if (at(next, "sample") && next + 1 < tokens.size()) {
        every = Math.toIntExact(Math.min(number(next + 1), Integer.MAX_VALUE));
        next += 2;
        if (every < 1) {
          throw invalid(shown);
        }
      } else if (at(next, "for") && next + 1 < tokens.size()) {
        length = time(tokens.get(next + 1).text());
        next += 2;
      } else {
        throw invalid(shown);
      }
    }
    return new AdminCommand.TraceClient(client, every, length);
  }

  private long number(int index) throws AdminRefusal {
    String text = tokens.get(index).text();
    if (!text.matches("\\d{1,18}")) {
      throw new AdminRefusal(
          SqlState.SYNTAX_ERROR, "'" + text + "' is not a number; SHOW CLIENTS has the ids");
    }
    return Long.parseLong(text);
  }

  private Duration time(String text) throws AdminRefusal {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw new AdminRefusal(
          SqlState.SYNTAX_ERROR, "'" + text + "' is not a duration, such as 60s or 5m");
    }
    long count = Long.parseLong(matcher.group(1));
    Duration length =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(count);
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofSeconds(count);
        };
    if (length.isZero() || length.compareTo(Trace.LONGEST) > 0) {
      throw new AdminRefusal(SqlState.SYNTAX_ERROR, "a trace may last from 1ms to 24h");
    }
    return length;
  }

  private AdminCommand act(String head) throws AdminRefusal {
    AdminCommand.Verb verb;
    try {
      verb = AdminCommand.Verb.valueOf(head);
    } catch (IllegalArgumentException e) {
      throw invalid(shown);
    }
    if (tokens.size() > 2) {
      throw invalid(shown);
    }
    Optional<String> argument =
        tokens.size() == 2 ? Optional.of(tokens.get(1).text()) : Optional.empty();
    switch (verb) {
      case DISABLE, ENABLE -> {
        if (argument.isEmpty()) {
          throw new AdminRefusal(SqlState.SYNTAX_ERROR, "a database is required");
        }
      }
      case KILL_CLIENT -> {
        if (argument.isEmpty()) {
          throw invalid(shown);
        }
        number(1);
      }
      case SUSPEND, RELOAD -> {
        if (argument.isPresent()) {
          throw invalid(shown);
        }
      }
      case SHUTDOWN -> {
        boolean known =
            argument.isEmpty() || at(1, "wait_for_servers") || at(1, "wait_for_clients");
        if (!known) {
          throw invalid(shown);
        }
        argument = argument.map(word -> word.toUpperCase(Locale.ROOT));
      }
      case PAUSE, RESUME, RECONNECT, KILL, WAIT_CLOSE -> {
        // with a database or without
      }
    }
    if (argument.filter("pgbouncer"::equals).isPresent()) {
      throw new AdminRefusal(
          SqlState.FEATURE_NOT_SUPPORTED, head + " does not work on the admin database");
    }
    return new AdminCommand.Act(verb, argument);
  }
}
