package io.pgfleet.chaos.stage;

import io.pgfleet.chaos.client.Address;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.testkit.host.VirtualHost;
import io.pgfleet.testkit.host.VirtualHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
  private static final String GATEWAY = "g1";

  /** How the fleet is made. */
  public record Settings(Path folder, Duration lease, Optional<Path> postgres) {}

  private final Settings settings;
  private final VirtualHosts hosts;
  private final Program program;
  private final Map<String, String> passwords = new LinkedHashMap<>();
  private final List<NodeHost> nodes = new ArrayList<>();
  private final List<LogKeeper> logs = new ArrayList<>();
  private final VirtualHost gatewayHost;
  private final Path gatewayHome;
  private final Service gateway;
  private final Consumer<String> said;

  private Stage(Settings settings, VirtualHosts hosts, Consumer<String> said) {
    this.settings = settings;
    this.said = said;
    this.hosts = hosts;
    SecureRandom random = new SecureRandom();
    Map<String, String> environment = new LinkedHashMap<>();
    for (String user :
        List.of(FleetFile.WRITER, FleetFile.READER, FleetFile.PROBE, FleetFile.ADMIN)) {
      byte[] bytes = new byte[12];
      random.nextBytes(bytes);
      passwords.put(user, HexFormat.of().formatHex(bytes));
      environment.put(FleetFile.variable(user), HexFormat.of().formatHex(bytes));
    }
    this.program = new Program(environment);
    this.gatewayHost = hosts.host(NODES + 1);
    this.gatewayHome = settings.folder().resolve(GATEWAY);
    this.gateway =
        new Service(
            "the gateway",
            () ->
                program.start(
                    gatewayHost, gatewayHome, log(GATEWAY), List.of("gateway", "--fleet", FLEET)),
            said);
  }

  /** Why there can be no stage here; empty if there can. */
  public static String obstacle() {
    return VirtualHosts.obstacle();
  }

  /**
   * Makes the hosts and brings every file to them; nothing of the fleet runs yet.
   *
   * @param said told what the processes do by themselves
   * @throws StageException if the machine does not allow it; nothing is left then
   */
  public static Stage set(Settings settings, Consumer<String> said) throws InterruptedException {
    try {
      Stage stage = new Stage(settings, VirtualHosts.create(NODES + 1), said);
      try {
        stage.prepare();
        return stage;
      } catch (IOException | RuntimeException | InterruptedException e) {
        stage.close();
        throw e;
      }
    } catch (IOException e) {
      throw new StageException("the hosts could not be made", e);
    }
  }

  private void prepare() throws IOException, InterruptedException {
    Path folder = settings.folder();
    Files.createDirectories(folder.resolve("logs"));
    Files.createDirectories(folder.resolve("cache"));
    Map<String, VirtualHost> byName = new LinkedHashMap<>();
    for (int i = 1; i <= NODES; i++) {
      byName.put("n" + i, hosts.host(i));
    }
    Path file = folder.resolve("fleet.yaml");
    Files.writeString(
        file, FleetFile.text(byName, gatewayHost.address(), settings.lease(), settings.postgres()));
    for (Map.Entry<String, VirtualHost> one : byName.entrySet()) {
      Path home = makeHome(one.getKey());
      NodeHost node =
          new NodeHost(one.getKey(), one.getValue(), home, file, program, log(one.getKey()), said);
      nodes.add(node);
      node.useDisk(SmallDisk.mount(node.nodes(), DISK_MEGABYTES));
    }
    makeHome(GATEWAY);
    passThrough(folder);
    issueCertificates(file);
  }

  /** The servers run as another user, who must be able to pass through. */
  private static void passThrough(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (var all = Files.walk(folder)) {
      for (Path one : all.filter(Files::isDirectory).toList()) {
        Files.setPosixFilePermissions(one, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  private Path makeHome(String name) throws IOException {
    Path home = settings.folder().resolve(name);
    Files.createDirectories(home);
    // The unpacked servers are the same on all hosts.
    Files.createSymbolicLink(home.resolve("cache"), settings.folder().resolve("cache"));
    return home;
  }

  private Path log(String name) {
    return settings.folder().resolve("logs").resolve(name + ".out");
  }

  private void issueCertificates(Path file) throws IOException, InterruptedException {
    NodeHost first = nodes.getFirst();
    run(first.host(), first.home(), "certs", "init", file.toString(), "--this", first.name());
    for (NodeHost node : nodes.subList(1, nodes.size())) {
      node.useFile(bring(node.name(), node.host(), node.home()));
    }
    run(first.host(), first.home(), "certs", "issue", GATEWAY, "--address", gatewayHost.address());
    bring(GATEWAY, gatewayHost, gatewayHome);
  }

  private Path bring(String name, VirtualHost host, Path home)
      throws IOException, InterruptedException {
    NodeHost first = nodes.getFirst();
    Path bundle = home.resolve("bundle");
    run(first.host(), first.home(), "certs", "bundle", name, bundle.toString());
    run(host, home, "certs", "install", bundle.toString());
    return bundle.resolve("fleet.yaml");
  }

  private void run(VirtualHost host, Path home, String... arguments)
      throws IOException, InterruptedException {
    Program.Result result = program.run(host, home, List.of(arguments));
    if (!result.succeeded()) {
      throw new StageException(
          "'pgfleet " + String.join(" ", arguments) + "' failed: " + result.output());
    }
  }

  /** Starts the agents and the gateway, and keeps the servers' logs from now on. */
  public void start() throws IOException {
    for (NodeHost node : nodes) {
      node.startAgent();
      logs.add(
          new LogKeeper(
              node.name(),
              node.serverLog(),
              settings.folder().resolve("logs").resolve(node.name() + ".postgresql.log")));
    }
    startGateway();
  }

  void startGateway() throws IOException {
    gateway.start();
  }

  void killGateway() throws InterruptedException {
    gateway.kill();
  }

  /** Whether the gateway's process is there. */
  boolean hasGateway() {
    return gateway.process().isPresent();
  }

  Program.Result switchOver() throws IOException, InterruptedException {
    return program.run(gatewayHost, gatewayHome, List.of("switchover", "--fleet", FLEET));
  }

  VirtualHosts hosts() {
    return hosts;
  }

  VirtualHost gatewayHost() {
    return gatewayHost;
  }

  /** The nodes in their order. */
  public List<NodeHost> nodes() {
    return List.copyOf(nodes);
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
        gatewayHost.address(),
        FleetFile.GATEWAY_PORT,
        FleetFile.DATABASE,
        user,
        passwords.getOrDefault(user, ""));
  }

  /** A node's server, for a probe. */
  public Address probe(NodeHost node) {
    return straight(node, FleetFile.PROBE);
  }

  /** A node's server, for a superuser. */
  public Address superuser(NodeHost node) {
    return straight(node, FleetFile.ADMIN);
  }

  private Address straight(NodeHost node, String user) {
    return new Address(
        node.host().address(),
        NodeHost.PORT,
        FleetFile.DATABASE,
        user,
        passwords.getOrDefault(user, ""));
  }

  /** Ends everything; the logs stay. */
  @Override
  public void close() {
    logs.forEach(LogKeeper::close);
    gateway.close();
    nodes.forEach(NodeHost::leave);
    hosts.close();
    for (NodeHost node : nodes) {
      node.disk()
          .ifPresent(disk -> {
            try {
              disk.close();
            } catch (IOException e) {
              System.err.println("left behind: " + node.nodes() + ": " + e.getMessage());
            }
          });
    }
  }

  /** Deletes the folder, logs included. */
  public void delete() throws IOException {
    FileTrees.delete(settings.folder());
  }
}
