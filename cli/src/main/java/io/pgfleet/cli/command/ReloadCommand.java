package io.pgfleet.cli.command;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.ControlPoint;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgfleet reload}. */
@Command(
    name = "reload",
    description = {
      "Has a running fleet read its fleet.yaml again.",
      "",
      "The gateway's settings change at once, and no client is disconnected; the answer lists what"
          + " changed, and what waits for a restart. A file that is wrong changes nothing."
    })
public final class ReloadCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Override
  public Integer call() {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    // A wrong file is told here, with where it is wrong, before anybody is asked.
    FleetChoice.spec(record);
    List<ControlPoint> running =
        programs(record.home()).stream().filter(ControlClient::isRunning).toList();
    if (running.isEmpty()) {
      throw new CommandFailure(
          CommandFailure.NOT_RUNNING,
          "fleet " + record.name() + " is not running",
          "'pgfleet up' starts it, with the settings of its file");
    }
    for (ControlPoint program : running) {
      String answer =
          ControlClient.ask(program, Request.of("reload"), System.out::println).text().orElse("");
      System.out.println(program.what() + ": " + answer);
    }
    return 0;
  }

  /** The program of a fleet and its gateways of processes of their own, running or not. */
  static List<ControlPoint> programs(FleetHome home) {
    List<ControlPoint> all = new ArrayList<>();
    all.add(ControlPoint.ofUp(home));
    if (Files.isDirectory(home.gateways())) {
      try (Stream<Path> files = Files.list(home.gateways())) {
        files
            .map(file -> String.valueOf(file.getFileName()))
            .filter(name -> name.matches("[0-9]{1,5}"))
            .sorted()
            .forEach(port -> all.add(ControlPoint.ofGateway(home, Integer.parseInt(port), 0)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return all;
  }
}
