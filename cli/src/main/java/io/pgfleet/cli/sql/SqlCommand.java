package io.pgfleet.cli.sql;

import io.pgfleet.cli.sql.print.PrintStyle;
import io.pgfleet.cli.sql.print.PrintStyle.Expanded;
import io.pgfleet.cli.sql.print.PrintStyle.Layout;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.PostgresException;
import java.io.BufferedWriter;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgfleet sql}: the shell, for a statement, a script or a person. */
@Command(
    name = "sql",
    description = "Run SQL: a statement, a file, standard input, or a prompt to type at.",
    footerHeading = "%n",
    footer = {
      "Without -c and -f it reads standard input, or prompts when that is a terminal; \\? lists"
          + " the backslash commands there.",
      "Unlike psql, a script or a list of -c stops at the first error; -v ON_ERROR_STOP=off goes"
          + " on.",
      "Column widths come from the first 1000 rows of a result; a wider value that comes later"
          + " shifts its own line.",
      "",
      "Exit status: 0 fine; 1 a failed -c, a wrong argument or file; 2 no connection, or it was"
          + " lost; 3 a script stopped at an error."
    })
public final class SqlCommand implements Callable<Integer> {
  private final ConnectionSource source;

  @ArgGroup(multiplicity = "0..*")
  private List<Step> steps = new ArrayList<>();

  @Option(
      names = {"-d", "--dbname"},
      paramLabel = "NAME",
      description = "Database, or a postgresql:// URI.")
  private @Nullable String database;

  @Option(
      names = {"-U", "--user", "--username"},
      paramLabel = "NAME",
      description = "Role to connect as; its password is taken from PGPASSWORD or asked for.")
  private @Nullable String user;

  @Option(
      names = {"-h", "--host"},
      paramLabel = "HOST",
      description = "Host of the server or gateway.")
  private @Nullable String host;

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "Its port.")
  private @Nullable Integer port;

  @Option(
      names = {"-t", "--tuples-only"},
      description = "Rows only: no header, no footer, no command tags.")
  private boolean tuplesOnly;

  @Option(
      names = {"-A", "--no-align"},
      description = "Values as they are, a separator between them.")
  private boolean unaligned;

  @Option(
      names = {"-F", "--field-separator"},
      paramLabel = "TEXT",
      description = "Separator for -A (default: |).")
  private @Nullable String separator;

  @Option(
      names = {"-x", "--expanded"},
      description = "One line for each value.")
  private boolean expanded;

  @Option(names = "--csv", description = "Results as comma-separated values.")
  private boolean csv;

  @Option(names = "--json", description = "Results as arrays of JSON objects.")
  private boolean json;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write results to a file.")
  private @Nullable Path output;

  @Option(
      names = {"-q", "--quiet"},
      description = "No command tags and no confirmations.")
  private boolean quiet;

  @Option(
      names = {"-1", "--single-transaction"},
      description = "All of -c and -f in one transaction.")
  private boolean single;

  @Option(
      names = {"-v", "--set", "--variable"},
      paramLabel = "NAME=VALUE",
      description = "Set a variable, as \\set does.")
  private Map<String, String> variables = new LinkedHashMap<>();

  @Option(
      names = {"-?", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  @Parameters(
      arity = "0..1",
      paramLabel = "DATABASE",
      description = "Database, or a postgresql:// URI.")
  private @Nullable String target;

  /** One -c or -f, kept in the order they were given. */
  static final class Step {
    @Option(
        names = {"-c", "--command"},
        required = true,
        paramLabel = "STATEMENT",
        description = "Run SQL, or one backslash command, and exit; may be repeated.")
    private @Nullable String statement;

    @Option(
        names = {"-f", "--file"},
        required = true,
        paramLabel = "FILE",
        description = "Run a script and exit; - is standard input; may be repeated.")
    private @Nullable String file;
  }

  /** A command that connects to what a source names, unless its options say otherwise. */
  public SqlCommand(ConnectionSource source) {
    this.source = source;
  }

  @Override
  public Integer call() {
    Writer out =
        new BufferedWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8));
    PrintWriter err =
        new PrintWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8));
    try {
      return run(out, err);
    } catch (IOException e) {
      err.println("pgfleet: " + e.getMessage());
      return Batch.FATAL;
    } finally {
      err.flush();
    }
  }

  private int run(Writer out, PrintWriter err) throws IOException {
    boolean interactive = steps.isEmpty() && isTerminal();
    Session session = new Session(out, err, InstantSource.system(), interactive);
    try {
      configure(session, !interactive);
      ConnectSettings settings = settings();
      try {
        connect(session, settings);
      } catch (IOException | PostgresException e) {
        err.println("pgfleet: " + e.getMessage());
        if (e instanceof PostgresException refusal && refusal.report().hint() != null) {
          err.println("HINT:  " + refusal.report().hint());
        }
        return Batch.LOST;
      }
    } catch (ShellException e) {
      err.println("pgfleet: " + e.getMessage());
      return Batch.FATAL;
    }
    Thread atExit = new Thread(session::cancelRunning, "cancel at exit");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      if (interactive) {
        return InteractiveShell.run(session);
      }
      return new Batch(session, single).run(actions());
    } finally {
      session.disconnect();
      session.redirectQuietly();
      out.flush();
    }
  }

  private List<Batch.Action> actions() {
    List<Batch.Action> actions = new ArrayList<>();
    for (Step step : steps) {
      if (step.statement != null) {
        actions.add(new Batch.Statement(step.statement));
      } else if (step.file != null) {
        actions.add(new Batch.Script(step.file));
      }
    }
    return actions.isEmpty() ? List.of(new Batch.Script("-")) : actions;
  }

  @SuppressWarnings("SystemConsoleNull") // NullAway knows it as nullable, javac's checker as not
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private void configure(Session session, boolean script) throws ShellException {
    PrintStyle style = PrintStyle.standard().withTuplesOnly(tuplesOnly);
    if (separator != null) {
      style = style.withSeparator(separator);
    }
    if (expanded) {
      style = style.withExpanded(Expanded.ON);
    }
    if (csv && json) {
      throw new ShellException("--csv and --json exclude each other");
    }
    Layout layout =
        csv ? Layout.CSV : json ? Layout.JSON : unaligned ? Layout.UNALIGNED : Layout.ALIGNED;
    session.style(style.withLayout(layout));
    session.quiet(quiet);
    if (script) {
      session.variables().set(Variables.ON_ERROR_STOP, "on");
    }
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      session.variables().set(variable.getKey(), variable.getValue());
    }
    if (output != null) {
      session.redirect(output);
    }
  }

  private ConnectSettings settings() throws ShellException {
    ConnectSettings settings;
    try {
      settings = source.settings();
    } catch (ShellException e) {
      if (host == null && !isUri(target) && !isUri(database)) {
        throw e;
      }
      String name = user == null ? System.getProperty("user.name", "postgres") : user;
      settings =
          ConnectSettings.of("localhost", 5432, name, name).withUser(name, Passwords.forUser(name));
    }
    try {
      settings = place(place(settings, target), database);
      if (host != null || port != null) {
        settings =
            settings.withAddress(
                host == null ? settings.host() : host, port == null ? settings.port() : port);
      }
      if (user != null && !user.equals(settings.user())) {
        settings = settings.withUser(user, Passwords.forUser(user));
      }
      return settings.parameters().containsKey("application_name")
          ? settings
          : settings.withParameter("application_name", "pgfleet sql");
    } catch (IllegalArgumentException e) {
      throw new ShellException("cannot connect: " + e.getMessage(), e);
    }
  }

  private static boolean isUri(@Nullable String text) {
    return text != null && ConnectionUri.looksLike(text);
  }

  private static ConnectSettings place(ConnectSettings settings, @Nullable String name)
      throws ShellException {
    if (name == null) {
      return settings;
    }
    return ConnectionUri.looksLike(name)
        ? ConnectionUri.parse(name).over(settings)
        : settings.withDatabase(name);
  }

  private static void connect(Session session, ConnectSettings settings)
      throws IOException, PostgresException {
    try {
      session.connect(settings);
    } catch (PostgresException e) {
      boolean missing =
          settings.password().isEmpty() && e.sqlState().equals(SqlState.INVALID_AUTHORIZATION);
      Optional<String> typed = missing ? ask(settings.user()) : Optional.empty();
      if (typed.isEmpty()) {
        throw e;
      }
      session.connect(settings.withPassword(typed.get()));
    }
  }

  @SuppressWarnings("SystemConsoleNull")
  private static Optional<String> ask(String user) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      return Optional.empty();
    }
    char[] typed = console.readPassword("Password for user %s: ", user);
    return typed == null ? Optional.empty() : Optional.of(new String(typed));
  }
}
