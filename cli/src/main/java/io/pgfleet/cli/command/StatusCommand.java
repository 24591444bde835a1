package io.pgfleet.cli.command;

import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.cli.fleet.FleetRecord;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.Board;
import io.pgfleet.cli.up.HostsFleet;
import io.pgfleet.cli.up.LiveBoard;
import io.pgfleet.cli.up.Terminal;
import io.pgfleet.consensus.JsonCodec;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgfleet status}. */
@Command(
    name = "status",
    description = "Shows the nodes of a running fleet, their roles and lag, and the gateway.",
    footer = {
      "",
      "Exit status: 0 if the fleet is whole, 3 if it does not run, 4 if it has no primary,",
      "lacks a standby, or a commit waits for fewer of them than it should."
    })
public final class StatusCommand implements Callable<Integer> {
  @Mixin private FleetChoice choice = new FleetChoice();

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Option(
      names = {"-w", "--watch"},
      description = "Go on showing it until Ctrl-C.")
  private boolean watch;

  @Override
  public Integer call() throws InterruptedException {
    FleetRecord record = choice.started(new FleetRegistry(Folders.ofUser()));
    if (HostsFleet.is(record)) {
      try (HostsFleet fleet = HostsFleet.open(record)) {
        return show(fleet::status);
      }
    }
    return show(() -> ask(record.home()));
  }

  private int show(Supplier<StatusReport> reports) throws InterruptedException {
    StatusReport report = reports.get();
    if (watch) {
      LiveBoard board = new LiveBoard(System.out, new Board(Terminal.wantsColours()));
      while (true) {
        if (json) {
          print(report);
        } else {
          board.show(report);
        }
        Thread.sleep(json ? java.time.Duration.ofSeconds(1) : LiveBoard.INTERVAL);
        report = reports.get();
      }
    }
    print(report);
    return report.ready() ? 0 : CommandFailure.DEGRADED;
  }

  private static StatusReport ask(FleetHome home) {
    return ControlClient.ask(home, Request.of("status"), step -> {}).status().orElseThrow();
  }

  private void print(StatusReport report) {
    if (json) {
      byte[] text = JsonCodec.of(StatusReport.class).encode(report);
      System.out.println(new String(text, StandardCharsets.UTF_8));
    } else {
      new Board(Terminal.wantsColours()).lines(report).forEach(System.out::println);
    }
  }
}
