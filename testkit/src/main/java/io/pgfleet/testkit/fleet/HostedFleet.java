package io.pgfleet.testkit.fleet;

import io.pgfleet.testkit.host.VirtualHost;
import io.pgfleet.testkit.host.VirtualHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Nodes n1, n2, ... and a gateway of the real program, each on a host of its own with a folder of
 * its own and with certificates. Everything lies in one folder.
 */
public final class HostedFleet implements AutoCloseable {
  private static final String GATEWAY = "g1";

  private final String name;
  private final Path folder;
  private final VirtualHosts hosts;
  private final Program program;
  private final List<FleetNode> nodes = new ArrayList<>();
  private final VirtualHost gatewayHost;
  private final Service gateway;

  private HostedFleet(
      String name, Path folder, VirtualHosts hosts, Program program, Consumer<String> said) {
    this.name = name;
    this.folder = folder;
    this.hosts = hosts;
    this.program = program;
    this.gatewayHost = hosts.all().getLast();
    this.gateway =
        new Service(
            "the gateway",
            () ->
                program.start(
                    gatewayHost, home(GATEWAY), log(GATEWAY), List.of("gateway", "--fleet", name)),
            said);
  }

  /** Why there can be none here; empty if there can. */
  public static String obstacle() {
    return VirtualHosts.obstacle();
  }

  /**
   * Makes hosts and folders; {@link #prepare} is next.
   *
   * @param name of the fleet, as its fleet.yaml will say
   * @param folder for everything; made if it is not there
   * @param count how many nodes
   * @param said told what processes do by themselves
   * @throws IOException if the machine does not allow it; no host is left then
   */
  public static HostedFleet make(
      String name, Path folder, int count, Program program, Consumer<String> said)
      throws IOException {
    HostedFleet fleet =
        new HostedFleet(name, folder, VirtualHosts.create(count + 1), program, said);
    try {
      Files.createDirectories(folder.resolve("logs"));
      Files.createDirectories(folder.resolve("cache"));
      for (int i = 1; i <= count; i++) {
        String node = "n" + i;
        fleet.makeHome(node);
        fleet.nodes.add(
            new FleetNode(
                new FleetNode.Place(node, fleet.hosts.host(i), fleet.home(node), fleet.log(node)),
                name,
                fleet.file(),
                program,
                said));
      }
      fleet.makeHome(GATEWAY);
      return fleet;
    } catch (IOException | RuntimeException e) {
      fleet.close();
      throw e;
    }
  }

  /**
   * Brings every file to the hosts; nothing runs yet.
   *
   * @param yaml the fleet.yaml, with the addresses of {@link #nodes} and {@link #gatewayHost}
   */
  public void prepare(String yaml) throws IOException, InterruptedException {
    Files.writeString(file(), yaml);
    passThrough();
    FleetNode first = nodes.getFirst();
    must(first.host(), first.home(), "certs", "init", file().toString(), "--this", first.name());
    for (FleetNode node : nodes.subList(1, nodes.size())) {
      node.useFile(bring(node.name(), node.host(), node.home()));
    }
    must(first.host(), first.home(), "certs", "issue", GATEWAY, "--address", gatewayHost.address());
    bring(GATEWAY, gatewayHost, home(GATEWAY));
  }

  private Path file() {
    return folder.resolve("fleet.yaml");
  }

  private Path home(String host) {
    return folder.resolve(host);
  }

  private void makeHome(String host) throws IOException {
    Files.createDirectories(home(host));
    // The unpacked servers are the same on all hosts.
    Files.createSymbolicLink(home(host).resolve("cache"), folder.resolve("cache"));
  }

  /** What the processes of a host print, by its name. */
  private Path log(String host) {
    return folder.resolve("logs").resolve(host + ".out");
  }

  /** The servers run as another user, who must be able to pass through. */
  private void passThrough() throws IOException {
    try (var all = Files.walk(folder)) {
      for (Path one : all.filter(Files::isDirectory).toList()) {
        Files.setPosixFilePermissions(one, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  private Path bring(String host, VirtualHost place, Path home)
      throws IOException, InterruptedException {
    FleetNode first = nodes.getFirst();
    Path bundle = home.resolve("bundle");
    must(first.host(), first.home(), "certs", "bundle", host, bundle.toString());
    must(place, home, "certs", "install", bundle.toString());
    return bundle.resolve("fleet.yaml");
  }

  private void must(VirtualHost host, Path home, String... arguments)
      throws IOException, InterruptedException {
    Program.Result result = program.run(host, home, List.of(arguments));
    if (!result.succeeded()) {
      throw new IOException(
          "'pgfleet " + String.join(" ", arguments) + "' failed: " + result.output());
    }
  }

  /** Starts the agents and the gateway. */
  public void start() throws IOException {
    for (FleetNode node : nodes) {
      node.startAgent();
    }
    startGateway();
  }

  /** Starts the gateway; nothing if it runs. */
  public void startGateway() throws IOException {
    gateway.start();
  }

  /** Kills the gateway with SIGKILL; nobody starts it again. */
  public void killGateway() throws InterruptedException {
    gateway.kill();
  }

  /** Whether the gateway's process is there. */
  public boolean hasGateway() {
    return gateway.process().isPresent();
  }

  /** {@code pgfleet switchover}, from the gateway's host. */
  public Program.Result switchOver() throws IOException, InterruptedException {
    return program.run(gatewayHost, home(GATEWAY), List.of("switchover", "--fleet", name));
  }

  /** All hosts: those of the nodes in their order, then the gateway's. */
  public VirtualHosts hosts() {
    return hosts;
  }

  /** The nodes in their order. */
  public List<FleetNode> nodes() {
    return List.copyOf(nodes);
  }

  /** Where the gateway runs. */
  public VirtualHost gatewayHost() {
    return gatewayHost;
  }

  /** Ends everything; the folder stays. */
  @Override
  public void close() {
    gateway.close();
    nodes.forEach(FleetNode::leave);
    hosts.close();
  }
}
