package io.pgfleet.chaos.stage;

import io.pgfleet.chaos.client.Address;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.testkit.fleet.FleetNode;
import io.pgfleet.testkit.fleet.HostedFleet;
import io.pgfleet.testkit.fleet.Program;
import io.pgfleet.testkit.host.VirtualHost;
import io.pgfleet.testkit.host.VirtualHosts;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A fleet of three nodes and a gateway, each on a host of its own, with certificates and an own
 * disk for each server's data. Everything lies in one folder.
 */
public final class Stage implements AutoCloseable {
  static final String FLEET = "chaos";
  private static final int NODES = 3;
  private static final int DISK_MEGABYTES = 1024;

  /** How the fleet is made. */
  public record Settings(Path folder, Duration lease, boolean strict, Optional<Path> postgres) {}

  private final Settings settings;
  private final HostedFleet fleet;
  private final Map<String, String> passwords;
  private final List<LogKeeper> logs = new ArrayList<>();
  private final Map<FleetNode, SmallDisk> disks = new LinkedHashMap<>();

  private Stage(Settings settings, HostedFleet fleet, Map<String, String> passwords) {
    this.settings = settings;
    this.fleet = fleet;
    this.passwords = Map.copyOf(passwords);
  }

  /** Why there can be no stage here; empty if there can. */
  public static String obstacle() {
    return HostedFleet.obstacle();
  }

  /**
   * Makes the hosts and brings every file to them; nothing of the fleet runs yet.
   *
   * @param said told what the processes do by themselves
   * @throws StageException if the machine does not allow it; nothing is left then
   */
  public static Stage set(Settings settings, Consumer<String> said) throws InterruptedException {
    SecureRandom random = new SecureRandom();
    Map<String, String> passwords = new LinkedHashMap<>();
    Map<String, String> environment = new LinkedHashMap<>();
    for (String user :
        List.of(FleetFile.WRITER, FleetFile.READER, FleetFile.PROBE, FleetFile.ADMIN)) {
      byte[] bytes = new byte[12];
      random.nextBytes(bytes);
      passwords.put(user, HexFormat.of().formatHex(bytes));
      environment.put(FleetFile.variable(user), HexFormat.of().formatHex(bytes));
    }
    try {
      Stage stage =
          new Stage(
              settings,
              HostedFleet.make(
                  FLEET,
                  settings.folder(),
                  NODES,
                  new Program(Program.smallFlags(), environment),
                  said),
              passwords);
      try {
        stage.prepare();
        return stage;
      } catch (IOException | RuntimeException | InterruptedException e) {
        stage.close();
        throw e;
      }
    } catch (IOException e) {
      throw new StageException("the fleet could not be set up", e);
    }
  }

  private void prepare() throws IOException, InterruptedException {
    Map<String, VirtualHost> byName = new LinkedHashMap<>();
    for (FleetNode node : nodes()) {
      byName.put(node.name(), node.host());
      disks.put(node, SmallDisk.mount(node.nodes(), DISK_MEGABYTES));
    }
    fleet.prepare(FleetFile.text(byName, gatewayHost().address(), settings));
  }

  /** Starts the agents and the gateway, and keeps the servers' logs from now on. */
  public void start() throws IOException {
    for (FleetNode node : nodes()) {
      logs.add(
          new LogKeeper(
              node.name(),
              node.serverLog(),
              settings.folder().resolve("logs").resolve(node.name() + ".postgresql.log")));
    }
    fleet.start();
  }

  void startGateway() throws IOException {
    fleet.startGateway();
  }

  void killGateway() throws InterruptedException {
    fleet.killGateway();
  }

  /** Whether the gateway's process is there. */
  boolean hasGateway() {
    return fleet.hasGateway();
  }

  Program.Result switchOver() throws IOException, InterruptedException {
    return fleet.switchOver();
  }

  VirtualHosts hosts() {
    return fleet.hosts();
  }

  VirtualHost gatewayHost() {
    return fleet.gatewayHost();
  }

  /** The nodes in their order. */
  public List<FleetNode> nodes() {
    return fleet.nodes();
  }

  /** The disk of a node's server; empty if it has none of its own. */
  Optional<SmallDisk> disk(FleetNode node) {
    return Optional.ofNullable(disks.get(node));
  }

  /** The servers' logs, in the order of the nodes. */
  public List<LogKeeper> logs() {
    return List.copyOf(logs);
  }

  /** The gateway, for one who writes. */
  public Address writer() {
    return through(FleetFile.WRITER);
  }

  /** The gateway, for one who reads. */
  public Address reader() {
    return through(FleetFile.READER);
  }

  /** The oldest state that a read through the gateway should show. */
  public Duration maxLag() {
    return FleetFile.MAX_LAG;
  }

  private Address through(String user) {
    return new Address(
        gatewayHost().address(),
        FleetFile.GATEWAY_PORT,
        FleetFile.DATABASE,
        user,
        passwords.getOrDefault(user, ""));
  }

  /** A node's server, for a probe. */
  public Address probe(FleetNode node) {
    return straight(node, FleetFile.PROBE);
  }

  /** A node's server, for a superuser. */
  public Address superuser(FleetNode node) {
    return straight(node, FleetFile.ADMIN);
  }

  private Address straight(FleetNode node, String user) {
    return new Address(
        node.host().address(),
        FleetNode.PORT,
        FleetFile.DATABASE,
        user,
        passwords.getOrDefault(user, ""));
  }

  /** Ends everything; the logs stay. */
  @Override
  public void close() {
    logs.forEach(LogKeeper::close);
    fleet.close();
    disks.forEach((node, disk) -> {
      try {
        disk.close();
      } catch (IOException e) {
        System.err.println("left behind: " + node.nodes() + ": " + e.getMessage());
      }
    });
  }

  /** Deletes the folder, logs included. */
  public void delete() throws IOException {
    FileTrees.delete(settings.folder());
  }
}
