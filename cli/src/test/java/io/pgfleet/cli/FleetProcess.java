package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.Programs.Ended;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.testkit.TestFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A fleet of the program as a user runs it: in processes of their own, in a folder and on ports of
 * its own.
 */
final class FleetProcess implements AutoCloseable {
  private static final Pattern PID = Pattern.compile("\"pid\":(\\d+)");

  private final TestFolder folder = TestFolder.create();
  private final Programs programs = new Programs(folder, folder.resolve("home"), List.of());
  private final Path file = folder.resolve("fleet.yaml");
  private final List<Integer> ports = FreePorts.several(5);

  /** A fleet whose file ends with these lines. */
  FleetProcess(String more) throws IOException {
    Files.createDirectories(programs.home());
    Iterator<Integer> next = ports.iterator();
    Files.writeString(
        file,
        """
        fleet: tried
        groups:
          main:
            nodes:
              n1: { port: %d }
              n2: { port: %d }
              n3: { port: %d }
        gateway: { port: %d, metrics: { port: off } }
        consensus: { port: %d }
        """
                .formatted(next.next(), next.next(), next.next(), next.next(), next.next())
            + more);
  }

  /** The same with HTTP checks on these ports, one for each node. */
  FleetProcess withChecks(List<Integer> checks) throws IOException {
    String yaml = Files.readString(file);
    for (int node = 1; node <= checks.size(); node++) {
      yaml =
          yaml.replaceAll(
              "n%d: \\{ port: (\\d+) }".formatted(node),
              "n%d: { port: $1, checks: { port: %d } }".formatted(node, checks.get(node - 1)));
    }
    Files.writeString(file, yaml);
    return this;
  }

  int nodePort(int number) {
    return ports.get(number - 1);
  }

  int gatewayPort() {
    return ports.get(3);
  }

  int consensusPort() {
    return ports.get(4);
  }

  Path file() {
    return file;
  }

  Path home() {
    return folder.resolve("home").resolve("fleets").resolve("tried");
  }

  Ended up() throws IOException, InterruptedException {
    return run("up", "-d", file.toString());
  }

  /** What the status says once the fleet is whole, as it gets again after what a test did. */
  Ended whole() throws Exception {
    Ended status = run("status");
    for (int i = 0; i < 60 && status.status() != 0; i++) {
      Thread.sleep(250);
      status = run("status");
    }
    return status.expect(0);
  }

  /** Runs a command to its end. */
  Ended run(String... arguments) throws IOException, InterruptedException {
    return programs.run(Programs.pgfleet(arguments));
  }

  /** Starts a command that does not end by itself; all it says goes to the file. */
  Process start(Path out, String... arguments) throws IOException {
    return programs.start(out, Programs.pgfleet(arguments));
  }

  /** Runs any program to its end, with the fleet's environment. */
  Ended exec(List<String> command) throws IOException, InterruptedException {
    return programs.run(command);
  }

  String sql(String statement) throws IOException, InterruptedException {
    return run("sql", "-A", "-t", "-c", statement).expect(0).out().strip();
  }

  String url() throws IOException, InterruptedException {
    return run("url").expect(0).out().strip();
  }

  /** The process of the running program. */
  long programPid() throws IOException, InterruptedException {
    Matcher matcher = PID.matcher(run("status", "--json").out());
    assertThat(matcher.find()).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  /** The postmasters of the nodes that have one. */
  List<Long> serverPids() throws IOException {
    List<Long> pids = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      Path pidFile = home().resolve("nodes").resolve("n" + i).resolve("postmaster.pid");
      if (Files.exists(pidFile)) {
        pids.add(Long.parseLong(Files.readAllLines(pidFile).getFirst().strip()));
      }
    }
    return pids;
  }

  /** A node's postmaster and all its processes. */
  List<Long> processesOf(int node) throws IOException {
    long postmaster = serverPids().get(node - 1);
    Stream<ProcessHandle> children =
        ProcessHandle.of(postmaster).stream().flatMap(ProcessHandle::descendants);
    return Stream.concat(Stream.of(postmaster), children.map(ProcessHandle::pid)).toList();
  }

  static void signal(String signal, List<Long> pids) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    pids.forEach(pid -> command.add(String.valueOf(pid)));
    new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  static void kill(List<Long> pids) throws InterruptedException {
    for (long pid : pids) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
    for (long pid : pids) {
      while (ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
        Thread.sleep(20);
      }
    }
  }

  /** Whether all end; a process that has ended may still wait for its parent to notice. */
  static boolean noneRuns(List<Long> pids) throws InterruptedException {
    for (int i = 0; i < 500; i++) {
      if (pids.stream().noneMatch(FleetProcess::runs)) {
        return true;
      }
      Thread.sleep(20);
    }
    return false;
  }

  private static boolean runs(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Leaves no process behind, whatever the test has shown. */
  @Override
  public void close() throws IOException {
    try {
      List<Long> servers = serverPids();
      if (run("down", "--destroy", "--yes").status() != 0) {
        kill(running());
        kill(servers);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      folder.close();
    }
  }

  /** The programs that run this fleet, found by the file that they were started with. */
  private List<Long> running() {
    return ProcessHandle.allProcesses()
        .filter(process ->
            process
                .info()
                .arguments()
                .map(arguments -> List.of(arguments).contains(file.toString()))
                .orElse(false))
        .map(ProcessHandle::pid)
        .toList();
  }
}
