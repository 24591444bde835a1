package io.pgfleet.cli.command;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.EditedFile;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.HostsFleet;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.spec.ConsensusSpec;
import io.pgfleet.spec.FleetEdit;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.NewNode;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.spec.SpecException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pgfleet node}. */
@Command(
    name = "node",
    description = "Adds nodes to a running fleet and takes them out.",
    subcommands = {NodeCommand.Add.class, NodeCommand.Remove.class})
public final class NodeCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** For picocli, which fills in the rest. */
  public NodeCommand() {
    spec = CommandSpec.create();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static NodeName name(String given) {
    try {
      return new NodeName(given);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "'" + given + "' is not a node name",
          "lower-case letters, digits and _, at most 40, beginning with a letter");
    }
  }

  private static FleetRecord running(FleetChoice choice) {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    FleetChoice.spec(record);
    if (!HostsFleet.is(record) && !ControlClient.isRunning(record.home())) {
      throw new CommandFailure(
          CommandFailure.NOT_RUNNING,
          "fleet " + record.name() + " is not running",
          "'pgfleet up' starts it; then call this again");
    }
    return record;
  }

  private static Path file(FleetRecord record) {
    return record
        .file()
        .orElseThrow(() ->
            new CommandFailure(
                CommandFailure.USAGE,
                "fleet " + record.name() + " was started without a file",
                "write a fleet.yaml, 'pgfleet down', and 'pgfleet up fleet.yaml'"));
  }

  private static Optional<NodeSpec> find(FleetSpec spec, NodeName name) {
    return spec.groups().getFirst().nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst();
  }

  private static CommandFailure wrong(SpecException e) {
    return new CommandFailure(
        CommandFailure.USAGE,
        "nothing was changed:\n" + e.getMessage(),
        "docs/fleet-yaml.md lists every key of a node");
  }

  private static String ask(FleetRecord record, String command, NodeName name) {
    Request request = new Request(command, Optional.of(name.value()), List.of());
    return HostsFleet.ask(record, request, System.out::println);
  }

  /** {@code pgfleet node add}. */
  @Command(
      name = "add",
      description = {
        "Adds a node: writes it into fleet.yaml and has the running fleet take it up.",
        "",
        "Its server is made from the primary's data while clients go on. On several hosts the"
            + " command says what is to be done on the new host. If it breaks off, call it again."
      })
  static final class Add implements Callable<Integer> {
    @Mixin private FleetChoice choice = new FleetChoice();

    @Parameters(arity = "1", paramLabel = "NAME", description = "The new node's name.")
    private String name = "";

    @Option(
        names = "--host",
        paramLabel = "HOST",
        description = "Where its server listens. Default: 127.0.0.1.")
    private @Nullable String host;

    @Option(
        names = "--port",
        paramLabel = "PORT",
        description = "Where its server listens. Default: 5440 and its place in the file.")
    private @Nullable Integer port;

    @Option(names = "--region", paramLabel = "REGION", description = "Where it stands.")
    private @Nullable String region;

    @Option(names = "--never-promote", description = "It never becomes the primary.")
    private boolean neverPromote;

    @Option(names = "--never-read", description = "No reads are sent to it.")
    private boolean neverRead;

    @Option(
        names = "--delay",
        paramLabel = "TIME",
        description =
            "How long after the primary it applies changes, such as 1h; it is never promoted and"
                + " never read from then.")
    private @Nullable String delay;

    @Option(
        names = "--upstream",
        paramLabel = "NODE",
        description =
            "The node it receives WAL from while that is a standby, as one of the same region; it is"
                + " never promoted then.")
    private @Nullable String upstream;

    @Option(names = "--dry-run", description = "Show what would change in fleet.yaml.")
    private boolean dryRun;

    @Override
    public Integer call() {
      NodeName node = name(name);
      FleetRecord record = running(choice);
      EditedFile file = EditedFile.of(file(record));
      Optional<NodeSpec> present = find(FleetChoice.spec(record), node);
      if (present.isPresent()) {
        refuseOther(present.get());
      } else {
        file = edited(file, node, !HostsFleet.is(record));
      }
      file.difference().forEach(System.out::println);
      if (dryRun) {
        return 0;
      }
      file.write();
      System.out.println(ask(record, "add-node", node));
      if (HostsFleet.is(record)) {
        next(record, node).forEach(System.out::println);
      }
      return 0;
    }

    private EditedFile edited(EditedFile file, NodeName node, boolean here) {
      NewNode wanted =
          new NewNode(
              node,
              Optional.ofNullable(host),
              Optional.ofNullable(port),
              Optional.ofNullable(region),
              neverPromote,
              neverRead,
              Optional.ofNullable(delay),
              Optional.ofNullable(upstream).map(NodeCommand::name));
      try {
        EditedFile edited = file.to(FleetEdit.with(file.before(), file.file(), wanted));
        NodeSpec made = find(FleetFile.parse(edited.after(), file.file()), node).orElseThrow();
        if (here) {
          Ports.checkFree(List.of(made.address().host()), made.address().port());
        }
        return edited;
      } catch (SpecException e) {
        throw wrong(e);
      }
    }

    /** The same call again goes on; another one is a mistake. */
    private void refuseOther(NodeSpec present) {
      boolean same =
          Optional.ofNullable(host)
                  .filter(given -> !given.equals(present.address().host()))
                  .isEmpty()
              && Optional.ofNullable(port)
                  .filter(given -> given != present.address().port())
                  .isEmpty()
              && Optional.ofNullable(region)
                  .filter(given -> !given.equals(present.region()))
                  .isEmpty();
      if (!same) {
        throw new CommandFailure(
            CommandFailure.USAGE,
            "there is a node " + present.name() + " already, at " + present.address(),
            "choose another name");
      }
    }

    private static List<String> next(FleetRecord record, NodeName node) {
      String file = record.file().map(Path::toString).orElse("fleet.yaml");
      return List.of(
          "",
          "Next, on the host of the fleet's authority, with this " + file + ":",
          "  pgfleet certs issue " + node,
          "  pgfleet certs bundle " + node + " FOLDER",
          "Copy FOLDER to the new host, and there:",
          "  pgfleet certs install FOLDER",
          "  pgfleet agent --node " + node + " -d FOLDER/fleet.yaml",
          "Copy fleet.yaml to the other hosts, too; their agents and gateways need no restart.");
    }
  }

  /** {@code pgfleet node remove}. */
  @Command(
      name = "remove",
      description = {
        "Takes a node out of a running fleet, and then out of fleet.yaml.",
        "",
        "First no commit waits for it and no election asks it any more, then its server is stopped"
            + " and its slot on the primary dropped. Its data stays where it is. If it breaks off,"
            + " call it again."
      })
  static final class Remove implements Callable<Integer> {
    @Mixin private FleetChoice choice = new FleetChoice();

    @Parameters(arity = "1", paramLabel = "NAME", description = "The node; not the primary.")
    private String name = "";

    @Option(names = "--dry-run", description = "Show what would change in fleet.yaml.")
    private boolean dryRun;

    @Option(
        names = "--cancel",
        description = "Keep a node that an earlier call could not take out.")
    private boolean cancel;

    @Override
    public Integer call() {
      NodeName node = name(name);
      FleetRecord record = running(choice);
      if (cancel) {
        System.out.println(ask(record, "keep-node", node));
        return 0;
      }
      EditedFile file = EditedFile.of(file(record));
      FleetSpec spec = FleetChoice.spec(record);
      refuseMember(spec, node);
      Optional<NodeSpec> present = find(spec, node);
      if (present.isPresent()) {
        try {
          file = file.to(FleetEdit.without(file.before(), file.file(), node));
        } catch (SpecException e) {
          throw wrong(e);
        }
      }
      file.difference().forEach(System.out::println);
      if (dryRun) {
        return 0;
      }
      System.out.println(ask(record, "remove-node", node));
      file.write();
      Path data = present.flatMap(NodeSpec::data).orElseGet(() -> record.home().nodeData(node));
      System.out.println(
          "its data stays in " + data + (HostsFleet.is(record) ? " on its host" : ""));
      if (HostsFleet.is(record)) {
        System.out.println(
            "end its agent there ('pgfleet agent --node "
                + node
                + " --stop'), and copy fleet.yaml to the other hosts");
      }
      return 0;
    }

    private static void refuseMember(FleetSpec spec, NodeName name) {
      if (spec.consensus().servers() instanceof ConsensusSpec.Ensemble ensemble
          && ensemble.member(name).isPresent()) {
        throw new CommandFailure(
            name + " keeps the agreed state (consensus.members)",
            "members can't be changed while the fleet runs; give that part to another host first");
      }
    }
  }
}
