package io.pgfleet.chaos.stage;

import io.pgfleet.postgres.host.Processes;
import io.pgfleet.testkit.host.VirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A host with a node: its server, its agent, and its part of the consensus. */
public final class NodeHost {
  /** The port of PostgreSQL on every node. */
  static final int PORT = 5441;

  /** Only the leader of the consensus listens there. */
  static final int QUORUM_PORT = 6481;

  private static final String LISTENING = "0A";

  private final String name;
  private final VirtualHost host;
  private final Path home;
  private final Service agent;
  private Path file;
  private Optional<SmallDisk> disk = Optional.empty();

  NodeHost(
      String name,
      VirtualHost host,
      Path home,
      Path fleetFile,
      Program program,
      Path output,
      Consumer<String> said) {
    this.name = name;
    this.host = host;
    this.home = home;
    this.file = fleetFile;
    this.agent =
        new Service(
            "the agent of " + name,
            () ->
                program.start(
                    host, home, output, List.of("agent", "--node", name, file.toString())),
            said);
  }

  /** The node's name in fleet.yaml. */
  public String name() {
    return name;
  }

  /** Its network. */
  public VirtualHost host() {
    return host;
  }

  Path home() {
    return home;
  }

  void useFile(Path path) {
    file = path;
  }

  void useDisk(SmallDisk small) {
    disk = Optional.of(small);
  }

  Optional<SmallDisk> disk() {
    return disk;
  }

  /** The folder that holds the data folder. */
  Path nodes() {
    return home.resolve("fleets").resolve(Stage.FLEET).resolve("nodes");
  }

  /** The server's log. */
  Path serverLog() {
    return nodes().resolve(name).resolve("log").resolve("postgresql.log");
  }

  void startAgent() throws IOException {
    agent.start();
  }

  /** Whether its agent's process is there, frozen or not. */
  public boolean hasAgent() {
    return agent.process().isPresent();
  }

  void killAgent() throws InterruptedException {
    agent.kill();
  }

  /** Everything on the host ends, and nothing starts it again by itself. */
  void killAll() throws IOException {
    agent.forget();
    host.killAll();
  }

  void leave() {
    agent.close();
  }

  void signalAgent(String signal) throws IOException {
    Signals.send(signal, agent.process().map(Process::pid).stream().toList());
  }

  /** The postmaster first, so that it starts nobody whom the signal misses. */
  void signalServer(String signal) throws IOException {
    Optional<Long> postmaster = postmaster();
    if (postmaster.isPresent()) {
      Signals.send(signal, List.of(postmaster.get()));
    }
    Signals.send(signal, servers());
  }

  private List<Long> servers() throws IOException {
    return host.processes().stream().filter(Processes::isPostgres).toList();
  }

  Optional<Long> postmaster() {
    try {
      String first =
          Files.readAllLines(nodes().resolve(name).resolve("postmaster.pid")).getFirst().strip();
      return Optional.of(Long.parseLong(first)).filter(Processes::isPostgres);
    } catch (IOException | NumberFormatException | java.util.NoSuchElementException e) {
      return Optional.empty();
    }
  }

  void freezeAll() throws IOException {
    host.signalAll("STOP");
    // Whoever was started between the list and the signal.
    host.signalAll("STOP");
  }

  /** All but PostgreSQL: the agent and its guard. */
  void signalOthers(String signal) throws IOException {
    Signals.send(
        signal, host.processes().stream().filter(pid -> !Processes.isPostgres(pid)).toList());
  }

  /** Whether its agent leads the consensus, as the ports that it listens on tell. */
  boolean leadsConsensus() {
    Optional<Process> process = agent.process();
    if (process.isEmpty()) {
      return false;
    }
    String port = String.format(":%04X", QUORUM_PORT);
    for (String table : List.of("tcp", "tcp6")) {
      Path file = Path.of("/proc", Long.toString(process.get().pid()), "net", table);
      try (var lines = Files.lines(file, StandardCharsets.US_ASCII)) {
        boolean found =
            lines
                .map(line -> line.strip().split("\\s+"))
                .anyMatch(words ->
                    words.length > 3 && words[1].endsWith(port) && words[3].equals(LISTENING));
        if (found) {
          return true;
        }
      } catch (IOException | java.io.UncheckedIOException ignored) {
        // it has just ended
      }
    }
    return false;
  }
}
