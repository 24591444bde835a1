package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.NotingClient;
import io.pgfleet.cli.Programs;
import io.pgfleet.cli.Programs.Ended;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.testkit.TestFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Two data hosts, a witness, a host with a gateway, and one for a node that comes later, each with
 * a folder of its own and what {@code pgfleet certs} gave it; only unpacked programs are shared.
 */
final class FleetHosts implements AutoCloseable {
  static final List<String> NAMES = List.of("n1", "n2", "w1", "gw", "n3");
  private static final long LIMIT_SECONDS = 120;

  private final HostNetwork network;
  private final TestFolder folder = TestFolder.create();
  private final Map<String, Process> running = new HashMap<>();
  private final List<Integer> ports = FreePorts.several(6);

  FleetHosts(HostNetwork network) throws Exception {
    this(network, List.of("n1", "n2"));
  }

  /**
   * Hosts on which nothing is prepared.
   *
   * @param members the data hosts that keep the agreed state beside the witness
   */
  FleetHosts(HostNetwork network, List<String> members) throws Exception {
    this.network = network;
    Files.createDirectories(folder.resolve("cache"));
    for (String host : NAMES) {
      Files.createDirectories(folder.resolve(host));
      Files.createSymbolicLink(folder.resolve(host).resolve("cache"), folder.resolve("cache"));
    }
    Files.writeString(folder.resolve("fleet.yaml"), yaml(members));
  }

  private String yaml(List<String> members) {
    String member =
        "port: %d, quorum_port: %d, election_port: %d"
            .formatted(ports.get(1), ports.get(2), ports.get(3));
    String lines =
        members.stream()
            .map(host -> "    %s: { %s }\n".formatted(host, member))
            .collect(Collectors.joining());
    return """
    fleet: tried
    groups:
      main:
        nodes:
          n1: { host: %s, port: %d, checks: { port: %d } }
          n2: { host: %s, port: %d, checks: { port: %d } }
    gateway: { host: %s, port: %d, metrics: { port: off } }
    consensus:
      lease: 4s
      members:
        w1: { host: %s, witness: true, %s }
    """
            .formatted(
                network.address("n1"),
                ports.get(0),
                ports.get(5),
                network.address("n2"),
                ports.get(0),
                ports.get(5),
                network.address("gw"),
                ports.get(4),
                network.address("w1"),
                member)
        + lines;
  }

  /** Adds to the file; to be done before hosts are prepared. */
  void add(String lines) throws IOException {
    Files.writeString(file("n1"), Files.readString(file("n1")) + lines);
  }

  /** A folder that each host reaches, such as one of a file server. */
  Path shared(String name) {
    return folder.resolve(name);
  }

  HostNetwork network() {
    return network;
  }

  Path file(String host) {
    return host.equals("n1") ? folder.resolve("fleet.yaml") : bundle(host).resolve("fleet.yaml");
  }

  /** Where a host has what it first got from where the authority is. */
  Path bundle(String host) {
    return folder.resolve(host).resolve("bundle");
  }

  Path home(String host) {
    return folder.resolve(host).resolve("fleets").resolve("tried");
  }

  /** What an administrator does once. */
  void prepare() throws Exception {
    run("n1", "certs", "init", "--this", "n1", file("n1").toString()).expect(0);
    run("n1", "certs", "issue", "gw", "--address", network.address("gw")).expect(0);
    for (String host : List.of("n2", "w1", "gw")) {
      install(host);
    }
  }

  private void install(String host) throws Exception {
    install(host, "bundle");
  }

  /** Takes a host's certificate to it, from where the authority is, in a new folder. */
  void install(String host, String name) throws Exception {
    Path bundle = folder.resolve(host).resolve(name);
    run("n1", "certs", "bundle", host, bundle.toString()).expect(0);
    run(host, "certs", "install", bundle.toString()).expect(0);
  }

  /** What an administrator does on a host of a node that the file got later. */
  void join(String host) throws Exception {
    run("n1", "certs", "issue", host).expect(0);
    install(host);
  }

  String address(String host) {
    return network.address(host);
  }

  String serverPort() {
    return ports.get(0).toString();
  }

  void startAgent(String host) throws Exception {
    start(host, "is at work", "listens on", "agent", "--node", host, file(host).toString());
  }

  /** From nothing to a fleet that is whole, with its gateway; agents start in this order. */
  void startFleet(String... agents) throws Exception {
    prepare();
    startAgents(agents);
    startGateway();
  }

  /** From hosts that are prepared to a fleet that is whole; agents start in this order. */
  void startAgents(String... agents) throws Exception {
    for (String host : agents) {
      startAgent(host);
    }
    awaitWhole("w1");
  }

  /** What the agent or gateway that was started last on a host has said. */
  String said(String host) throws IOException {
    return Files.readString(folder.resolve(host).resolve("out"));
  }

  void startGateway() throws Exception {
    start("gw", "listening on", "listening on", "gateway", "--fleet", "tried");
  }

  private void start(String host, String word, String other, String... arguments) throws Exception {
    Path out = folder.resolve(host).resolve("out");
    Process process = on(host).start(out, Programs.pgfleet(arguments));
    running.put(host, process);
    while (!Files.readString(out).contains(word) && !Files.readString(out).contains(other)) {
      assertThat(process.isAlive()).as(Files.readString(out)).isTrue();
      Thread.sleep(20);
    }
  }

  /** Runs a command on a host to its end. */
  Ended run(String host, String... arguments) throws Exception {
    return on(host).run(Programs.pgfleet(arguments));
  }

  private Programs on(String host) {
    return new Programs(folder, folder.resolve(host), network.enter(host));
  }

  /** Waits until the fleet is whole, as a host sees it. */
  Ended awaitWhole(String host) throws Exception {
    Ended ended = run(host, "status", "--fleet", "tried");
    for (int i = 0; i < 60 && ended.status() != 0; i++) {
      Thread.sleep(500);
      ended = run(host, "status", "--fleet", "tried");
    }
    return ended.expect(0);
  }

  /** Waits until a client's writes go on; what every process has said is told if they do not. */
  void goOn(NotingClient client) throws Exception {
    try {
      client.goOn();
    } catch (AssertionError e) {
      StringBuilder said = new StringBuilder(e.getMessage());
      said.append(run("w1", "status", "--fleet", "tried").text());
      for (String host : running.keySet()) {
        said.append("\n--- ").append(host).append('\n').append(said(host));
      }
      throw new AssertionError(said.toString(), e);
    }
  }

  String jdbc() throws Exception {
    return run("gw", "url", "--jdbc", "--fleet", "tried").expect(0).text().strip();
  }

  /** The same straight to a node's server. */
  String jdbc(String node) throws Exception {
    return jdbc()
        .replace(
            network.address("gw") + ":" + ports.get(4), network.address(node) + ":" + ports.get(0));
  }

  /** Puts a host's copy of the file to have these PostgreSQL settings and no others. */
  void settings(String host, String settings) throws IOException {
    String text = Files.readString(file(host)).replaceAll("(?m)^postgres:.*\n", "");
    Files.writeString(file(host), text + "postgres: { settings: { " + settings + " } }\n");
  }

  /** The process of a node's server. */
  ProcessHandle server(String node) throws IOException {
    return runningServer(node).orElseThrow();
  }

  private Optional<ProcessHandle> runningServer(String node) throws IOException {
    Path file = home(node).resolve("nodes").resolve(node).resolve("postmaster.pid");
    return Files.exists(file)
        ? ProcessHandle.of(Long.parseLong(Files.readAllLines(file).getFirst().strip()))
        : Optional.empty();
  }

  /** Kills everything on a host at once. */
  void kill(String host) throws Exception {
    network.cut(host);
    List<ProcessHandle> all = new ArrayList<>();
    Process agent = running.remove(host);
    if (agent != null) {
      all.add(agent.toHandle());
    }
    Optional<ProcessHandle> server = runningServer(host);
    if (server.isPresent()) {
      all.add(server.get());
      try (Stream<ProcessHandle> children = server.get().descendants()) {
        all.addAll(children.toList());
      }
    }
    all.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle one : all) {
      while (one.isAlive()) {
        Thread.sleep(10);
      }
    }
  }

  /** Stops an agent's process in its tracks, or lets it go on. */
  void freeze(String host, boolean frozen) throws Exception {
    signal(frozen ? "-STOP" : "-CONT", List.of(agent(host)));
  }

  private ProcessHandle agent(String host) {
    return Objects.requireNonNull(running.get(host), host + " runs nothing").toHandle();
  }

  /** Stops all that a data host runs in its tracks: its agent, its server and its guard. */
  List<ProcessHandle> freezeWhole(String host) throws Exception {
    List<ProcessHandle> all = new ArrayList<>();
    all.add(agent(host));
    ProcessHandle server = server(host);
    all.add(server);
    String guards = home(host).resolve("guards").toString();
    try (Stream<ProcessHandle> children = server.descendants();
        Stream<ProcessHandle> others = ProcessHandle.allProcesses()) {
      all.addAll(children.toList());
      others
          .filter(other -> other.info().commandLine().orElse("").contains(guards))
          .forEach(all::add);
    }
    signal("-STOP", all);
    return all;
  }

  /** Lets them go on, in their order. */
  void wake(List<ProcessHandle> all) throws Exception {
    signal("-CONT", all);
  }

  private static void signal(String signal, List<ProcessHandle> all) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    all.forEach(one -> command.add(Long.toString(one.pid())));
    new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  /** Kills an agent's process alone. */
  void killAgent(String host) throws InterruptedException {
    Process process = Objects.requireNonNull(running.remove(host), host + " runs nothing");
    process.destroyForcibly();
    process.waitFor();
  }

  void mend(String host) throws Exception {
    network.mend(host);
  }

  /** Ends an agent or gateway as systemd does. */
  void terminate(String host) throws Exception {
    Process process = Objects.requireNonNull(running.remove(host), host + " runs nothing");
    process.destroy();
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Leaves no process behind, whatever the test has shown. */
  @Override
  public void close() {
    try {
      for (String host : NAMES) {
        kill(host);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      network.close();
      folder.close();
    }
  }
}
