package io.pgfleet.cli;

import io.pgfleet.backup.BackupException;
import io.pgfleet.cli.command.AgentCommand;
import io.pgfleet.cli.command.ApplyCommand;
import io.pgfleet.cli.command.BenchCommand;
import io.pgfleet.cli.command.CertsCommand;
import io.pgfleet.cli.command.CompletionCommand;
import io.pgfleet.cli.command.DeployCommand;
import io.pgfleet.cli.command.DownCommand;
import io.pgfleet.cli.command.GatewayCommand;
import io.pgfleet.cli.command.ImportCommand;
import io.pgfleet.cli.command.LogsCommand;
import io.pgfleet.cli.command.NodeCommand;
import io.pgfleet.cli.command.PauseCommand;
import io.pgfleet.cli.command.ReloadCommand;
import io.pgfleet.cli.command.RestartCommand;
import io.pgfleet.cli.command.ResumeCommand;
import io.pgfleet.cli.command.RouteCommand;
import io.pgfleet.cli.command.StatusCommand;
import io.pgfleet.cli.command.SwitchoverCommand;
import io.pgfleet.cli.command.TrainCommand;
import io.pgfleet.cli.command.UpCommand;
import io.pgfleet.cli.command.UrlCommand;
import io.pgfleet.cli.command.ValidateCommand;
import io.pgfleet.cli.command.VersionCommand;
import io.pgfleet.cli.command.Versions;
import io.pgfleet.cli.command.backup.BackupCommand;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.sql.SqlCommand;
import io.pgfleet.cli.up.Connections;
import io.pgfleet.deploy.DeployException;
import io.pgfleet.postgres.host.ServerException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program. */
@Command(
    name = "pgfleet",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    description = "PostgreSQL at any size from one file: replication, failover and one address.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done; for status: the fleet is whole",
      "1:it failed; the reason is on standard error",
      "2:the command line or fleet.yaml is wrong; nothing was changed",
      "3:the fleet does not run",
      "4:status only: the fleet runs, but has no primary, lacks a standby, or a commit waits for"
          + " fewer of them than it should",
    },
    footer = {
      "",
      "First steps:",
      "  pgfleet up                 a fleet of three servers, in the foreground",
      "  pgfleet sql                a shell on it, from another terminal",
      "  pgfleet COMMAND --help     all about a command",
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  /** For picocli, which fills in the rest. */
  public Main() {
    spec = CommandSpec.create();
  }

  /** Runs a command and ends with its status. */
  public static void main(String[] arguments) {
    System.exit(commandLine(arguments).execute(arguments));
  }

  /** The commands by name, in the order in which help lists them. */
  private static Map<String, Supplier<CommandLine>> commands() {
    Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
    commands.put("up", () -> new CommandLine(new UpCommand()));
    commands.put("down", () -> new CommandLine(new DownCommand()));
    commands.put("status", () -> new CommandLine(new StatusCommand()));
    commands.put("sql", Main::sql);
    commands.put("switchover", () -> new CommandLine(new SwitchoverCommand()));
    commands.put("apply", () -> new CommandLine(new ApplyCommand()));
    commands.put("restart", () -> new CommandLine(new RestartCommand()));
    commands.put("node", () -> new CommandLine(new NodeCommand()));
    commands.put("backup", () -> new CommandLine(new BackupCommand()));
    commands.put("pause", () -> new CommandLine(new PauseCommand()));
    commands.put("resume", () -> new CommandLine(new ResumeCommand()));
    commands.put("reload", () -> new CommandLine(new ReloadCommand()));
    commands.put("agent", () -> new CommandLine(new AgentCommand()));
    commands.put("gateway", () -> new CommandLine(new GatewayCommand()));
    commands.put("route", () -> new CommandLine(new RouteCommand()));
    commands.put("url", () -> new CommandLine(new UrlCommand()));
    commands.put("logs", () -> new CommandLine(new LogsCommand()));
    commands.put("certs", () -> new CommandLine(new CertsCommand()));
    commands.put("deploy", () -> new CommandLine(new DeployCommand()));
    commands.put("validate", () -> new CommandLine(new ValidateCommand()));
    commands.put("import", () -> new CommandLine(new ImportCommand()));
    commands.put("bench", () -> new CommandLine(new BenchCommand()));
    commands.put("completion", () -> new CommandLine(new CompletionCommand()));
    commands.put("version", () -> new CommandLine(new VersionCommand()));
    commands.put("train", () -> new CommandLine(new TrainCommand()));
    return commands;
  }

  /**
   * The program for these arguments, with failures told as one sentence and a hint. Where the first
   * argument names a command no other is looked into, which halves the time that a short one takes.
   */
  static CommandLine commandLine(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    Map<String, Supplier<CommandLine>> commands = commands();
    Supplier<CommandLine> named = arguments.length == 0 ? null : commands.get(arguments[0]);
    if (named == null || arguments[0].equals("completion")) {
      commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
    } else {
      line.addSubcommand(arguments[0], named.get());
    }
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    // Every command can be asked for help, wherever it was declared.
    line.getSubcommands().values().forEach(Main::addHelp);
    line.setExecutionExceptionHandler((failure, command, _) -> {
      PrintWriter err = command.getErr();
      return switch (failure) {
        case CommandFailure told -> {
          err.println(told.text());
          yield told.status();
        }
        case ServerException told -> {
          err.println("pgfleet: " + told.getMessage() + "\n  hint: " + told.remedy());
          yield CommandFailure.FAILED;
        }
        case BackupException told -> {
          err.println("pgfleet: " + told.getMessage() + "\n  hint: " + told.hint());
          yield CommandFailure.FAILED;
        }
        case DeployException told -> {
          err.println("pgfleet: " + told.getMessage() + "\n  hint: " + told.remedy());
          yield CommandFailure.FAILED;
        }
        default -> unexpected(failure, err);
      };
    });
    line.setParameterExceptionHandler(Main::wrongUsage);
    return line;
  }

  /** The shell knows connections, not fleets; this tells it the one that a fleet has. */
  private static CommandLine sql() {
    FleetChoice choice = new FleetChoice();
    SqlCommand shell =
        new SqlCommand(() -> {
          FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
          List<Connections> all = Connections.of(FleetChoice.spec(record), record.home());
          return Connections.pick(all, Optional.empty()).settings();
        });
    return new CommandLine(shell).addMixin("fleet", choice);
  }

  private static void addHelp(CommandLine command) {
    if (command.getCommandSpec().findOption("--help") == null) {
      command
          .getCommandSpec()
          .addOption(
              CommandLine.Model.OptionSpec.builder("-h", "--help")
                  .usageHelp(true)
                  .description("Show this help.")
                  .build());
    }
    command.getSubcommands().values().forEach(Main::addHelp);
  }

  private static int wrongUsage(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("pgfleet: " + wrong.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err)) {
      err.println("  hint: '" + command.getCommandSpec().qualifiedName() + " --help' tells more");
    }
    return CommandFailure.USAGE;
  }

  /** A mistake of ours: said as such, with what is needed to find it. */
  private static int unexpected(Exception failure, PrintWriter err) {
    err.println("pgfleet: unexpected failure: " + failure);
    if (System.getenv("PGFLEET_DEBUG") != null) {
      failure.printStackTrace(err);
    } else {
      err.println("  hint: this is a mistake in pgfleet; PGFLEET_DEBUG=1 shows where");
    }
    return CommandFailure.FAILED;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
