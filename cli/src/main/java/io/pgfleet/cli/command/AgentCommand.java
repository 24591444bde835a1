package io.pgfleet.cli.command;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.ControlPoint;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.RunningAgent;
import io.pgfleet.cli.up.StoppedFleet;
import io.pgfleet.spec.NodeName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgfleet agent}. */
@Command(
    name = "agent",
    description = {
      "Runs one node's agent on the node's host, or a witness, for a fleet of several hosts.",
      "",
      "Every host has the same fleet.yaml; consensus.members names the agents that keep the agreed"
          + " state. The agent makes, starts, watches and promotes its node's server. On TERM it"
          + " ends and leaves the server running; if its server is the primary, it first moves the"
          + " primary to another node."
    },
    footer = {
      "",
      "First steps on several hosts: docs/hosts.md.",
    })
public final class AgentCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "FILE", description = "The fleet.yaml.")
  private @Nullable Path file;

  @Option(
      names = {"-n", "--node"},
      required = true,
      paramLabel = "NAME",
      description = "The node or witness of fleet.yaml that this host is.")
  private String node = "";

  @Option(
      names = {"-d", "--detach"},
      description = "Return when the agent is at work, and leave it running.")
  private boolean detach;

  @Option(
      names = "--stop",
      description = "End the agent that runs, as TERM does; its server goes on.")
  private boolean stop;

  @Option(
      names = "--stop-server",
      description = "End the agent if it runs, and stop its server cleanly.")
  private boolean stopServer;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Folders folders = Folders.ofUser();
    Fleet fleet = fleet(new FleetRegistry(folders));
    FleetHome home = fleet.record().home();
    NodeName name = name();
    ControlPoint point = ControlPoint.ofAgent(home, name);
    if (stopServer && !ControlClient.isRunning(point)) {
      boolean ran = StoppedFleet.of(fleet.record()).stopLeftovers(System.out::println);
      System.out.println(ran ? "the server is stopped" : "neither agent nor server was running");
      return 0;
    }
    if (stop || stopServer) {
      Request request =
          new Request("stop", Optional.empty(), stopServer ? List.of("server") : List.of());
      System.out.println(
          ControlClient.ask(point, request, System.out::println).text().orElse("it has ended"));
      return 0;
    }
    if (detach) {
      return detach(fleet, name, point);
    }
    System.setProperty("pgfleet.log", home.agentLog(name).toString());
    RunningAgent running = RunningAgent.start(fleet, name, folders, System.out::println);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().unstarted(() -> running.leave(false, System.out::println)));
    Optional<String> failure = running.await();
    if (failure.isPresent()) {
      throw new CommandFailure(
          failure.get(), "the server goes on; 'pgfleet agent' started again takes it over");
    }
    return 0;
  }

  /** The one of FILE; to end an agent, the one that was started here is enough. */
  private Fleet fleet(FleetRegistry registry) {
    boolean known = file == null && (stop || stopServer);
    return known
        ? FleetChoice.known(registry)
        : FleetChoice.toStart(Optional.ofNullable(file), registry);
  }

  private NodeName name() {
    try {
      return new NodeName(node);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "'" + node + "' is no name of a node",
          "use a name that fleet.yaml has under nodes or consensus.members");
    }
  }

  private static int detach(Fleet fleet, NodeName name, ControlPoint point)
      throws IOException, InterruptedException {
    if (ControlClient.isRunning(point)) {
      throw new CommandFailure(
          point.what() + " is already running",
          "'pgfleet agent --node " + name + " --stop' ends it");
    }
    Detached process =
        Detached.start(
            List.of("agent", "--node", name.value()),
            fleet.record().file(),
            fleet.record().home().agentOutput(name));
    while (!ControlClient.isRunning(point)) {
      if (!process.isAlive()) {
        return process.failed();
      }
      Thread.sleep(Detached.LOOK);
    }
    System.out.print(process.output());
    System.out.println("its log: " + fleet.record().home().agentLog(name));
    return 0;
  }
}
