package io.pgfleet.bench.fleet;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.fleet.Launcher.Outcome;
import io.pgfleet.testkit.fleet.Postmaster;
import io.pgfleet.testkit.fleet.WorkFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A fleet that lives for one measurement: an empty PGFLEET_HOME, so that it unpacks the servers
 * itself, a fleet.yaml with free ports, and data beside it. Closing it leaves nothing.
 */
public final class ScratchFleet implements AutoCloseable {
  private static final String NAME = "bench";
  private static final Pattern PID = Pattern.compile("\"pid\":(\\d+)");
  private static final String SUPERUSER_SECRET = "role.postgres=";
  private static final Pattern PRIMARY = Pattern.compile("\"primary\":\"n(\\d+)\"");
  private static final int NOT_WHOLE = 4;
  private static final Duration DEATH = Duration.ofSeconds(20);

  private final Launcher launcher;
  private final WorkFolder work;
  private final Path folder;
  private final Path file;
  private final List<Integer> ports;
  private final FleetShape shape;

  private ScratchFleet(Launcher launcher, WorkFolder work, List<Integer> ports, FleetShape shape) {
    this.launcher = launcher;
    this.work = work;
    this.folder = work.path();
    this.file = folder.resolve("fleet.yaml");
    this.ports = List.copyOf(ports);
    this.shape = shape;
  }

  /**
   * Prepares one, with a database {@code bench} owned by a user {@code bench}; nothing runs yet.
   *
   * @param within a folder that servers may write below
   */
  public static ScratchFleet prepare(Launcher launcher, Path within, FleetShape shape) {
    List<Integer> ports = LoopbackPorts.free(shape.nodes() + 2);
    try {
      WorkFolder work = WorkFolder.create(within, "pgfleet-bench-", false);
      Files.writeString(work.path().resolve("fleet.yaml"), yaml(work.path(), ports, shape));
      return new ScratchFleet(launcher, work, ports, shape);
    } catch (IOException e) {
      throw new BenchException(
          "can't make a folder in " + within + ": " + e.getMessage(),
          "name a folder that can be written to with --folder");
    }
  }

  static String yaml(Path folder, List<Integer> ports, FleetShape shape) {
    StringBuilder text = new StringBuilder();
    text.append("fleet: ").append(NAME).append('\n');
    text.append("data: '").append(folder.resolve("data")).append("'\n");
    text.append("gateway: { port: ").append(ports.get(0));
    text.append(", default_pool_size: ").append(shape.poolSize());
    text.append(", max_client_conn: ").append(shape.clients());
    // Several gateways run beside each other, and one port of metrics is for one of them only.
    text.append(", metrics: { port: off }");
    text.append(" }\n");
    text.append("postgres: { settings: { max_connections: ").append(shape.connections());
    text.append(" } }\n");
    text.append("consensus: { port: ").append(ports.get(1)).append(" }\n");
    text.append("users: { bench: {} }\n");
    text.append("databases: { bench: { owner: bench } }\n");
    text.append("groups:\n  main:\n    nodes:\n");
    for (int i = 2; i < ports.size(); i++) {
      text.append("      n").append(i - 1).append(": { port: ");
      text.append(ports.get(i)).append(" }\n");
    }
    return text.toString();
  }

  /**
   * {@code up --detach}.
   *
   * @throws BenchException if the fleet does not get ready
   */
  public Outcome up() throws InterruptedException {
    return mustSucceed(run("up", "--detach", file.toString()));
  }

  /** {@code status --json}; its status is 4 while a standby is missing. */
  public Outcome status() throws InterruptedException {
    Outcome outcome = run("status", "--json", "--fleet", NAME);
    return outcome.status() == NOT_WHOLE ? outcome : mustSucceed(outcome);
  }

  /** Whether every node is there and follows: {@code status} ends with 0 then. */
  public boolean isWhole() throws InterruptedException {
    return run("status", "--json", "--fleet", NAME).status() == 0;
  }

  /** {@code switchover}. */
  public Outcome switchover() throws InterruptedException {
    return mustSucceed(run("switchover", "--fleet", NAME));
  }

  /** {@code down}. */
  public Outcome down() throws InterruptedException {
    return mustSucceed(run("down", "--fleet", NAME));
  }

  /** The connection string, password included. */
  public String url() throws InterruptedException {
    return mustSucceed(run("url", "--fleet", NAME)).lines().getLast().text().strip();
  }

  private Outcome run(String... arguments) throws InterruptedException {
    return launcher.run(folder.resolve("home"), folder, List.of(arguments));
  }

  private static Outcome mustSucceed(Outcome outcome) {
    if (outcome.status() != 0) {
      throw new BenchException(
          "a fleet for the measurement failed with exit status "
              + outcome.status()
              + ": "
              + outcome.text(),
          "try 'pgfleet up' by hand");
    }
    return outcome;
  }

  public int gatewayPort() {
    return ports.getFirst();
  }

  /** Where the servers listen, in the order of their nodes. */
  public List<Integer> nodePorts() {
    return ports.subList(2, ports.size());
  }

  /** A file like the fleet's own, with its gateway on another port. */
  public Path withGatewayPort(int port) {
    List<Integer> others = new ArrayList<>(ports);
    others.set(0, port);
    Path other = folder.resolve("gateway-" + port + ".yaml");
    try {
      Files.writeString(other, yaml(folder, others, shape));
      return other;
    } catch (IOException e) {
      throw new BenchException("can't write " + other + ": " + e.getMessage(), "");
    }
  }

  /** The passwords of its users and roles. */
  public Path secrets() {
    return folder.resolve("data").resolve("secrets");
  }

  /** Where its data is. */
  public Path folder() {
    return folder;
  }

  /** A node's server, for the user of the connection string. */
  public Target server(Target gateway, int number) {
    return new Target(
        "127.0.0.1",
        nodePorts().get(number - 1),
        gateway.database(),
        gateway.user(),
        gateway.password());
  }

  /** The number of the node that is the primary now. */
  public int primary() throws InterruptedException {
    Matcher matcher = PRIMARY.matcher(status().text());
    if (!matcher.find()) {
      throw new BenchException("the fleet has no primary now", "try again");
    }
    return Integer.parseInt(matcher.group(1));
  }

  /** The superuser on a node's server. */
  public Target superuser(int number) {
    try (Stream<String> lines = Files.lines(secrets())) {
      String password =
          lines
              .filter(line -> line.startsWith(SUPERUSER_SECRET))
              .map(line -> line.substring(SUPERUSER_SECRET.length()))
              .findFirst()
              .orElseThrow(() -> new BenchException("the fleet has no superuser's password", ""));
      return new Target("127.0.0.1", nodePorts().get(number - 1), "postgres", "postgres", password);
    } catch (IOException e) {
      throw new BenchException("can't read the fleet's secrets: " + e.getMessage(), "");
    }
  }

  /** The SCRAM verifier of a user, as a node's server keeps it. */
  public String verifier(String user, int number) {
    try (Connection connection = superuser(number).connect();
        PreparedStatement query =
            connection.prepareStatement("SELECT rolpassword FROM pg_authid WHERE rolname = ?")) {
      query.setString(1, user);
      try (ResultSet rows = query.executeQuery()) {
        if (!rows.next()) {
          throw new BenchException("the server knows no user " + user, "");
        }
        return rows.getString(1);
      }
    } catch (SQLException e) {
      throw new BenchException("can't read a verifier: " + e.getMessage(), "");
    }
  }

  /** The process of the program that runs it. */
  public long pid() throws InterruptedException {
    Matcher matcher = PID.matcher(status().text());
    if (!matcher.find()) {
      throw new BenchException("'status --json' names no pid", "this is a mistake in pgfleet");
    }
    return Long.parseLong(matcher.group(1));
  }

  /** Kills the program, every postmaster and their children, as a power failure would. */
  public void killEverything() throws InterruptedException {
    List<ProcessHandle> doomed = new ArrayList<>();
    ProcessHandle.of(pid()).ifPresent(doomed::add);
    doomed.addAll(servers());
    killAll(doomed);
  }

  /** Kills the postmaster of a node with SIGKILL, and nothing else; its agent starts it anew. */
  public void killServer(int number) {
    if (!Postmaster.kill(folder.resolve("data").resolve("nodes").resolve("n" + number))) {
      throw new BenchException("node n" + number + " has no server", "");
    }
  }

  private List<ProcessHandle> servers() {
    List<ProcessHandle> found = new ArrayList<>();
    try (Stream<Path> nodes = Files.list(folder.resolve("data").resolve("nodes"))) {
      for (Path node : nodes.toList()) {
        Path pidFile = node.resolve("postmaster.pid");
        if (Files.exists(pidFile)) {
          long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
          ProcessHandle.of(pid)
              .filter(process -> worksIn(process, node))
              .ifPresent(process -> {
                found.add(process);
                process.descendants().forEach(found::add);
              });
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /** A number in a file may have passed to another process meanwhile. */
  private static boolean worksIn(ProcessHandle process, Path node) {
    return process
        .info()
        .arguments()
        .map(arguments -> Arrays.asList(arguments).contains(node.toString()))
        .orElse(false);
  }

  private static void killAll(List<ProcessHandle> doomed) throws InterruptedException {
    doomed.forEach(ProcessHandle::destroyForcibly);
    long began = System.nanoTime();
    while (doomed.stream().anyMatch(ProcessHandle::isAlive)
        && System.nanoTime() - began < DEATH.toNanos()) {
      Thread.sleep(5);
    }
  }

  /** Stops it, whatever state it is in, and deletes all of it. */
  @Override
  public void close() {
    try {
      run("down", "--destroy", "--yes", "--fleet", NAME);
      if (Files.isDirectory(folder.resolve("data").resolve("nodes"))) {
        killAll(servers());
      }
      work.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new BenchException(
          "can't delete " + folder + ": " + e.getMessage(), "delete it by hand");
    }
  }
}
