package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.bench.Target;
import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.FleetChoice;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetRegistry;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.cli.up.Connections;
import io.pgfleet.cli.up.RunningFleet;
import io.pgfleet.spec.NodeName;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.testkit.TestFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The CardDB example as a fleet of three real servers, in this process. */
final class CardDbFleet implements AutoCloseable {
  private static final Path EXAMPLE = Path.of("..", "examples", "carddb").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Fleet fleet;
  private final RunningFleet running;

  private CardDbFleet(Fleet fleet, RunningFleet running) {
    this.fleet = fleet;
    this.running = running;
  }

  /**
   * Starts it and waits until it is whole.
   *
   * @param gateway more keys of the section gateway, each with a comma before it
   */
  static CardDbFleet start(TestFolder folder, String gateway)
      throws IOException, InterruptedException {
    Folders folders = new Folders(folder.resolve("fleets"), folder.resolve("cache"));
    Fleet fleet =
        FleetChoice.toStart(Optional.of(fleetFile(folder, gateway)), new FleetRegistry(folders));
    CardDbFleet started = new CardDbFleet(fleet, RunningFleet.start(fleet, folders, line -> {}));
    try {
      started.awaitReady();
      return started;
    } catch (InterruptedException | RuntimeException | Error e) {
      started.close();
      throw e;
    }
  }

  private static Path fleetFile(TestFolder folder, String gateway) throws IOException {
    List<Integer> ports = FreePorts.several(5);
    Path file = folder.resolve("fleet.yaml");
    Files.writeString(
        file,
        """
        fleet: carddb-it
        gateway: { port: %d, metrics: { port: off }%s }
        consensus: { port: %d }
        groups: { main: { nodes: { n1: { port: %d }, n2: { port: %d }, n3: { port: %d } } } }
        users: { carddb: {} }
        databases: { carddb: { owner: carddb, init: ['%s', '%s'] } }
        """
            .formatted(
                ports.get(0),
                gateway,
                ports.get(1),
                ports.get(2),
                ports.get(3),
                ports.get(4),
                EXAMPLE.resolve("schema.sql"),
                EXAMPLE.resolve("load.sql")));
    return file;
  }

  StatusReport status() {
    return running.status();
  }

  Target target() {
    Connections found = running.connections().getFirst();
    return new Target(
        found.gateway().host(),
        found.gateway().port(),
        found.database(),
        found.user(),
        found.password());
  }

  String primary() {
    return running.status().groups().getFirst().primary().orElseThrow();
  }

  /** Moves the primary to whatever standby is best, as the command does. */
  void switchover() {
    ControlClient.ask(fleet.record().home(), Request.of("switchover"), step -> {});
  }

  /** What the running program answers. */
  String ask(Request request) {
    return ControlClient.ask(fleet.record().home(), request, step -> {}).text().orElse("");
  }

  void awaitReady() throws InterruptedException {
    long began = System.nanoTime();
    StatusReport status = running.status();
    while (!status.ready() || !status.step().isEmpty()) {
      assertThat(status.step()).doesNotStartWith("start-up failed");
      assertThat(System.nanoTime() - began).as("%s", status).isLessThan(PATIENCE.toNanos());
      Thread.sleep(50);
      status = running.status();
    }
  }

  /** Kills a node's postmaster as the kernel does when memory runs out. */
  void kill(String node) {
    Path file = fleet.record().home().nodeData(new NodeName(node)).resolve("postmaster.pid");
    try {
      long pid = Long.parseLong(Files.readAllLines(file).getFirst().strip());
      assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    // It returns when the fleet is closed, which is for this thread to do.
    Thread.ofPlatform().daemon().start(() -> running.stopServers(step -> {}));
    running.awaitStop();
    running.close();
  }
}
