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
    Detached process =
        Detached.start(
            List.of("up", "--detached-child"), fleet.record().file(), home.startOutput());
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
        return process.failed();
      }
      Thread.sleep(Detached.LOOK);
    }
  }
}
