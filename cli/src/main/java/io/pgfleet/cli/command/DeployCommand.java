package io.pgfleet.cli.command;

import io.pgfleet.cli.command.front.HaproxyCommand;
import io.pgfleet.cli.command.front.KeepalivedCommand;
import io.pgfleet.cli.command.front.PgBouncerCommand;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.HostNames;
import io.pgfleet.deploy.systemd.Unit;
import io.pgfleet.deploy.systemd.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pgfleet deploy}. */
@Command(
    name = "deploy",
    description = "Writes files for programs that stand around a fleet.",
    subcommands = {
      DeployCommand.Systemd.class,
      HaproxyCommand.class,
      KeepalivedCommand.class,
      PgBouncerCommand.class
    })
public final class DeployCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** For picocli, which fills in the rest. */
  public DeployCommand() {
    spec = CommandSpec.create();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** {@code pgfleet deploy systemd}. */
  @Command(
      name = "systemd",
      description = {
        "Prints service units for this host, or writes them with --write.",
        "",
        "A unit of an agent leaves its PostgreSQL server running when it is stopped or restarted."
      })
  static final class Systemd implements Callable<Integer> {
    /** What the program itself reads, and what a service would else not see. */
    private static final List<String> VARIABLES =
        List.of("JAVA_HOME", "PGFLEET_HOME", "PGFLEET_JAVA_OPTIONS", "PGFLEET_LOG_LEVEL");

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The fleet.yaml.")
    private @Nullable Path file;

    @Option(
        names = {"-n", "--node"},
        paramLabel = "NAME",
        description = "A unit for the agent of this node or witness.")
    private @Nullable String node;

    @Option(names = "--gateway", description = "A unit for a gateway.")
    private boolean gateway;

    @Option(
        names = "--program",
        paramLabel = "PATH",
        description = "The pgfleet that the units call. Default: the one that was called.")
    private @Nullable Path program;

    @Option(
        names = "--write",
        paramLabel = "FOLDER",
        description = "Write them into this folder, such as /etc/systemd/system.")
    private @Nullable Path folder;

    @Override
    public Integer call() throws IOException {
      Fleet fleet =
          FleetChoice.toStart(Optional.ofNullable(file), new FleetRegistry(Folders.ofUser()));
      Path named =
          fleet
              .record()
              .file()
              .orElseThrow(() ->
                  new CommandFailure(
                      CommandFailure.USAGE,
                      "units need a fleet.yaml",
                      "name it: pgfleet deploy systemd --node NAME FILE"));
      Units units = new Units(fleet.record().name(), program(), named, environment());
      List<Unit> wanted = new ArrayList<>();
      if (node != null) {
        HostNames.of(fleet).require(node);
        wanted.add(units.agent(node));
      }
      if (gateway) {
        wanted.add(units.gateway(fleet.spec().gateway().timeouts().drain()));
      }
      if (wanted.isEmpty()) {
        throw new CommandFailure(
            CommandFailure.USAGE,
            "it is not said for which role",
            "add --node NAME, --gateway, or both");
      }
      for (Unit unit : wanted) {
        put(unit);
      }
      return 0;
    }

    private void put(Unit unit) throws IOException {
      if (folder == null) {
        System.out.println("# " + unit.name() + "\n" + unit.text());
        return;
      }
      Files.writeString(folder.resolve(unit.name()), unit.text());
      System.out.println(
          "wrote "
              + folder.resolve(unit.name())
              + "; start it with: systemctl daemon-reload && systemctl enable --now "
              + unit.name());
    }

    private Path program() {
      return Optional.ofNullable(program)
          .or(() -> Optional.ofNullable(System.getenv("PGFLEET_LAUNCHER")).map(Path::of))
          .orElseThrow(() ->
              new CommandFailure(
                  CommandFailure.USAGE,
                  "it is not known how pgfleet is called here",
                  "add --program with the path of the launcher"));
    }

    private static Map<String, String> environment() {
      Map<String, String> kept = new TreeMap<>();
      for (String name : VARIABLES) {
        String value = System.getenv(name);
        if (value != null && !value.isBlank()) {
          kept.put(name, value);
        }
      }
      return kept;
    }
  }
}
