package io.pgfleet.cli;

import io.pgfleet.cli.command.BenchCommand;
import io.pgfleet.cli.command.CompletionCommand;
import io.pgfleet.cli.command.DownCommand;
import io.pgfleet.cli.command.LogsCommand;
import io.pgfleet.cli.command.StatusCommand;
import io.pgfleet.cli.command.SwitchoverCommand;
import io.pgfleet.cli.command.TrainCommand;
import io.pgfleet.cli.command.UpCommand;
import io.pgfleet.cli.command.UrlCommand;
import io.pgfleet.cli.command.ValidateCommand;
import io.pgfleet.cli.command.VersionCommand;
import io.pgfleet.cli.command.Versions;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.sql.SqlCommand;
import io.pgfleet.cli.up.Connections;
import io.pgfleet.postgres.host.ServerException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
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
    subcommands = {
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      SwitchoverCommand.class,
      UrlCommand.class,
      LogsCommand.class,
      ValidateCommand.class,
      BenchCommand.class,
      CompletionCommand.class,
      VersionCommand.class,
      TrainCommand.class,
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done; for status: the fleet is whole",
      "1:it failed; the reason is on standard error",
      "2:the command line or fleet.yaml is wrong; nothing was changed",
      "3:the fleet does not run",
      "4:status only: the fleet runs, but has no primary or lacks a standby",
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
    System.exit(commandLine().execute(arguments));
  }

  /** The commands, with failures told as one sentence and a hint. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.addSubcommand(sql());
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
