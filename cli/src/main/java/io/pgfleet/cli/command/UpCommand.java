package io.pgfleet.cli.command;

import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.Board;
import io.pgfleet.cli.up.Connections;
import io.pgfleet.cli.up.LiveBoard;
import io.pgfleet.cli.up.RunningFleet;
import io.pgfleet.cli.up.Terminal;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgfleet up}. */
@Command(
    name = "up",
    description = {
      "Starts a fleet on this machine: servers, replication, automatic failover and the gateway.",
      "",
      "Without FILE it takes ./fleet.yaml, and without that the defaults: one group of three"
          + " nodes, one database. What runs already is taken over as it is, so 'up' after a crash"
          + " of this program finds its servers at work."
    },
    footer = {
      "",
      "In the foreground it shows a board of nodes and roles; Ctrl-C stops the fleet cleanly.",
      "With --detach it returns when the fleet is ready; 'pgfleet status' shows it then, and"
          + " 'pgfleet down' stops it."
    })
public final class UpCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "FILE", description = "The fleet.yaml.")
  private @Nullable Path file;

  @Option(
      names = {"-d", "--detach"},
      description = "Return when the fleet is ready, and leave it running.")
  private boolean detach;

  @Option(names = "--detached-child", hidden = true)
  private boolean child;

  @Override
  public Integer call() throws Exception {
    Folders folders = Folders.ofUser();
    Fleet fleet = FleetChoice.toStart(Optional.ofNullable(file), new FleetRegistry(folders));
    if (detach) {
      return new DetachedUp(fleet).run();
    }
    System.setProperty("pgfleet.log", fleet.record().home().logFile().toString());
    return child ? background(fleet, folders) : foreground(fleet, folders);
  }

  private static int background(Fleet fleet, Folders folders) {
    RunningFleet running = RunningFleet.start(fleet, folders, System.out::println);
    stopOnSignal(running, step -> {});
    running.awaitStop();
    running.close();
    return 0;
  }

  private static int foreground(Fleet fleet, Folders folders) throws InterruptedException {
    PrintStream out = System.out;
    RunningFleet running = RunningFleet.start(fleet, folders, out::println);
    LiveBoard board = new LiveBoard(out, new Board(Terminal.wantsColours()));
    stopOnSignal(running, board::say);
    boolean told = false;
    while (!running.isStopping()) {
      StatusReport status = running.status();
      if (!told && status.step().isEmpty()) {
        told = true;
        board.announce(connectLines(running.connections()));
      }
      board.show(status);
      Optional<String> failure = running.failure();
      if (failure.isPresent()) {
        running.close();
        throw new CommandFailure(failure.get(), "the servers go on; 'pgfleet up' takes them over");
      }
      Thread.sleep(LiveBoard.INTERVAL);
    }
    running.close();
    return 0;
  }

  /** What to connect with, once a fleet is ready. */
  static List<String> connectLines(List<Connections> connections) {
    return connections.stream().map(one -> "connect: psql \"" + one.uri() + "\"").toList();
  }

  /** Ctrl-C and TERM stop the servers cleanly; KILL leaves them running. */
  private static void stopOnSignal(
      RunningFleet running, java.util.function.Consumer<String> progress) {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  if (!running.isStopping()) {
                    running.stopServers(progress);
                  }
                }));
  }
}
