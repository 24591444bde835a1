package io.pgfleet.testkit.host;

import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.Processes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One of {@link VirtualHosts}. */
public final class VirtualHost {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int KILL_TURNS = 50;

  private final String namespace;
  private final String bridge;
  private final String link;
  private final String address;

  private VirtualHost(String namespace, String bridge, String link, String address) {
    this.namespace = namespace;
    this.bridge = bridge;
    this.link = link;
    this.address = address;
  }

  static VirtualHost create(String bridge, String address, int number) throws IOException {
    String link = bridge + "v" + number;
    VirtualHost host = new VirtualHost(bridge + "h" + number, bridge, link, address);
    IpCommand.run("netns", "add", host.namespace);
    IpCommand.run("link", "add", link, "type", "veth", "peer", "name", link + "p");
    IpCommand.run("link", "set", link + "p", "netns", host.namespace, "name", "eth0");
    host.inside("addr", "add", address + "/24", "dev", "eth0");
    host.inside("link", "set", "lo", "up");
    host.inside("link", "set", "eth0", "up");
    IpCommand.run("link", "set", link, "master", bridge);
    IpCommand.run("link", "set", link, "up");
    return host;
  }

  private void inside(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("-n", namespace));
    all.addAll(List.of(arguments));
    IpCommand.run(all.toArray(String[]::new));
  }

  /** Its address on the bridge. */
  public String address() {
    return address;
  }

  /** The command that runs another on this host. */
  public List<String> command(List<String> command) {
    List<String> all = new ArrayList<>();
    all.add(IpCommand.program().orElseThrow().toString());
    all.addAll(List.of("netns", "exec", namespace));
    all.addAll(command);
    return all;
  }

  /** Its cable is pulled: nothing comes in or goes out any more, and nobody is told. */
  public void disconnect() throws IOException {
    IpCommand.run("link", "set", link, "nomaster");
  }

  /** Its cable is put back. */
  public void connect() throws IOException {
    IpCommand.run("link", "set", link, "master", bridge);
  }

  /** What it sends to an address is lost; what comes from there arrives. */
  public void muteTo(String other) throws IOException {
    inside("route", "replace", "blackhole", other + "/32");
  }

  /** Takes {@link #muteTo} back. */
  public void hear(String other) {
    IpCommand.tryRun("-n", namespace, "route", "del", "blackhole", other + "/32");
  }

  /** The processes that run on it. */
  public List<Long> processes() throws IOException {
    Commands.Result result =
        Commands.run(
            List.of(IpCommand.program().orElseThrow().toString(), "netns", "pids", namespace),
            LIMIT);
    return result.output().lines().filter(line -> !line.isBlank()).map(Long::valueOf).toList();
  }

  /** Sends a signal, by its name without SIG, to all that runs on it. */
  public void signalAll(String signal) throws IOException {
    Signals.send(signal, processes());
  }

  /** The host is lost: all its processes are gone, and so is the network. */
  public void lose() throws IOException {
    disconnect();
    killAll();
  }

  /** Kills all that runs on it, also what is started meanwhile. */
  public void killAll() throws IOException {
    for (int i = 0; i < KILL_TURNS && processes().stream().anyMatch(Processes::runs); i++) {
      signalAll("KILL");
    }
  }

  void destroy() {
    try {
      killAll();
    } catch (IOException ignored) {
      // the namespace goes with its last process
    }
    IpCommand.tryRun("netns", "del", namespace);
    IpCommand.tryRun("link", "del", link);
  }
}
