package io.pgfleet.cli.command;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.cli.up.Board;
import io.pgfleet.cli.up.Connections;
import io.pgfleet.cli.up.LiveBoard;
import io.pgfleet.cli.up.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Starts the program in a process of its own and waits until the fleet is ready. */
final class DetachedUp {
  private final Fleet fleet;
  private final FleetHome home;

  DetachedUp(Fleet fleet) {
    this.fleet = fleet;
    this.home = fleet.record().home();
  }

  int run() throws IOException, InterruptedException {
    if (ControlClient.isRunning(home)) {
      throw new CommandFailure(
          "fleet " + home.name() + " is already running",
          "'pgfleet status' shows it, 'pgfleet down' stops it");
    }
    Files.createDirectories(home.startOutput().getParent());
    Process process = start();
    LiveBoard board = new LiveBoard(System.out, new Board(Terminal.wantsColours()));
    while (true) {
      Optional<StatusReport> status = ControlClient.status(home);
      if (status.isPresent() && status.get().pid() == process.pid()) {
        board.show(status.get());
        if (status.get().step().isEmpty()) {
          board.announce(UpCommand.connectLines(Connections.of(fleet.spec(), home)));
          return 0;
        }
        if (status.get().step().startsWith("start-up failed")) {
          return 1;
        }
      }
      if (!process.isAlive()) {
        System.err.print(Files.readString(home.startOutput()));
        return process.exitValue();
      }
      Thread.sleep(100);
    }
  }

  /** The same virtual machine, class path and options, in a session of its own. */
  private Process start() throws IOException {
    List<String> command = new ArrayList<>();
    Path setsid = Path.of("/usr/bin/setsid");
    if (Files.isExecutable(setsid)) {
      command.add(setsid.toString());
    }
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("io.pgfleet.cli.Main", "up", "--detached-child"));
    fleet.record().file().map(Path::toString).ifPresent(command::add);
    return new ProcessBuilder(command)
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectOutput(home.startOutput().toFile())
        .redirectErrorStream(true)
        .start();
  }
}
