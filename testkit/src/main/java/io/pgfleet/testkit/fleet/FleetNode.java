package io.pgfleet.testkit.fleet;

import io.pgfleet.postgres.host.Processes;
import io.pgfleet.testkit.host.Signals;
import io.pgfleet.testkit.host.VirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A host with a node: its server, its agent, and its part of the consensus. */
public final class FleetNode {
  /** The port of PostgreSQL on every node. */
  public static final int PORT = 5441;

  /** Only the leader of the consensus listens there. */
  public static final int QUORUM_PORT = 6481;

  private static final String LISTENING = "0A";

  private final String name;
  private final VirtualHost host;
  private final Path home;
  private final String fleet;
  private final Service agent;
  private Path file;

  /**
   * A node whose agent does not run yet.
   *
   * @param file the fleet.yaml that its agent begins with, till {@link #useFile}
   */
  FleetNode(Place place, String fleet, Path file, Program program, Consumer<String> said) {
    this.name = place.name();
    this.host = place.host();
    this.home = place.home();
    this.fleet = fleet;
    this.file = file;
    this.agent =
        new Service(
            "the agent of " + name,
            () ->
                program.start(
                    host,
                    home,
                    place.output(),
                    List.of("agent", "--node", name, this.file.toString())),
            said);
  }

  /**
   * Where a process of the fleet is.
   *
   * @param home its PGFLEET_HOME
   * @param output what it prints is added there
   */
  record Place(String name, VirtualHost host, Path home, Path output) {}

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

  /** The folder that holds the data folder. */
  public Path nodes() {
    return home.resolve("fleets").resolve(fleet).resolve("nodes");
  }

  /** The server's log. */
  public Path serverLog() {
    return data().resolve("log").resolve("postgresql.log");
  }

  /** Starts its agent, which starts the server; nothing if it runs. */
  public void startAgent() throws IOException {
    agent.start();
  }

  /** Whether its agent's process is there, frozen or not. */
  public boolean hasAgent() {
    return agent.process().isPresent();
  }

  /** Kills its agent with SIGKILL, which nobody starts again. */
  public void killAgent() throws InterruptedException {
    agent.kill();
  }

  /** Everything on the host ends, and nothing starts it again by itself. */
  public void killAll() throws IOException {
    agent.forget();
    host.killAll();
  }

  void leave() {
    agent.close();
  }

  /** Sends a signal, by its name without SIG, to its agent. */
  public void signalAgent(String signal) throws IOException {
    Signals.send(signal, agent.process().map(Process::pid).stream().toList());
  }

  /** The postmaster first, so that it starts nobody whom the signal misses. */
  public void signalServer(String signal) throws IOException {
    Optional<Long> postmaster = postmaster();
    if (postmaster.isPresent()) {
      Signals.send(signal, List.of(postmaster.get()));
    }
    Signals.send(signal, servers());
  }

  private List<Long> servers() throws IOException {
    return host.processes().stream().filter(Processes::isPostgres).toList();
  }

  /** The process of its server, as far as its file tells. */
  public Optional<Long> postmaster() {
    return Postmaster.in(data());
  }

  /** Kills the postmaster with SIGKILL and nothing else; false if there is none. */
  public boolean killPostmaster() {
    return Postmaster.kill(data());
  }

  private Path data() {
    return nodes().resolve(name);
  }

  /** Everything on the host stands still until it gets SIGCONT. */
  public void freezeAll() throws IOException {
    host.signalAll("STOP");
    // Whoever was started between the list and the signal.
    host.signalAll("STOP");
  }

  /** All but PostgreSQL: the agent and its guard. */
  public void signalOthers(String signal) throws IOException {
    Signals.send(
        signal, host.processes().stream().filter(pid -> !Processes.isPostgres(pid)).toList());
  }

  /** Whether its agent leads the consensus, as the ports that it listens on tell. */
  public boolean leadsConsensus() {
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
