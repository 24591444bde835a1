package io.pgfleet.testkit.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Hosts as Linux network namespaces (ip-netns(8)), each with one address on one bridge, which this
 * machine's own processes reach too. What is lost between them is lost in silence, as with a cable
 * that is pulled: no connection is refused or reset. Takes root.
 *
 * <p>Only the network is a host's own; processes, disks and clocks are the machine's.
 */
public final class VirtualHosts implements AutoCloseable {
  private static final int LONGEST_NAME = 9;

  private final String name;
  private final String subnet;
  private final List<VirtualHost> hosts = new ArrayList<>();

  /**
   * Hosts outlive the process that made them, unless it takes them along when it is told to end.
   */
  private final Thread atEnd = Thread.ofPlatform().unstarted(this::destroy);

  private VirtualHosts(String name, String subnet) {
    this.name = name;
    this.subnet = subnet;
  }

  /** Why there can be none here; empty if there can. */
  public static String obstacle() {
    if (!System.getProperty("user.name").equals("root")) {
      return "network namespaces take root";
    }
    if (IpCommand.program().isEmpty()) {
      return "the program ip is missing (Debian: apt-get install iproute2)";
    }
    String probe = "pfp" + ThreadLocalRandom.current().nextInt(10_000);
    try {
      IpCommand.run("netns", "add", probe);
      IpCommand.run("netns", "del", probe);
      return "";
    } catch (IOException e) {
      return "this system allows no network namespaces: " + e.getMessage();
    }
  }

  /**
   * Makes hosts numbered from 1.
   *
   * @throws IOException if the system refuses; nothing is left then
   */
  public static VirtualHosts create(int count) throws IOException {
    int number = ThreadLocalRandom.current().nextInt(10, 250);
    String name = "pf" + Long.toString(ProcessHandle.current().pid() % 46_656, 36) + "x" + number;
    VirtualHosts made =
        new VirtualHosts(
            name.substring(0, Math.min(LONGEST_NAME, name.length())), "10.77." + number + ".");
    Runtime.getRuntime().addShutdownHook(made.atEnd);
    try {
      made.addBridge();
      for (int i = 1; i <= count; i++) {
        made.hosts.add(VirtualHost.create(made.name, made.subnet + (i + 1), i));
      }
      return made;
    } catch (IOException e) {
      made.close();
      throw e;
    }
  }

  private void addBridge() throws IOException {
    IpCommand.run("link", "add", name, "type", "bridge");
    IpCommand.run("addr", "add", subnet + "1/24", "dev", name);
    IpCommand.run("link", "set", name, "up");
  }

  /** The address of this machine's own processes among them. */
  public String outside() {
    return subnet + "1";
  }

  /** The hosts, the first of which is number 1. */
  public List<VirtualHost> all() {
    return List.copyOf(hosts);
  }

  /** A host by its number, from 1. */
  public VirtualHost host(int number) {
    return hosts.get(number - 1);
  }

  /** Every link is whole again. */
  public void heal() throws IOException {
    for (VirtualHost host : hosts) {
      host.connect();
      for (VirtualHost other : hosts) {
        host.hear(other.address());
      }
      host.hear(outside());
    }
  }

  /** Kills what runs on them and takes all of it away. */
  @Override
  public void close() {
    destroy();
    try {
      Runtime.getRuntime().removeShutdownHook(atEnd);
    } catch (IllegalStateException ignored) {
      // the process ends just now, and does it once more
    }
  }

  private void destroy() {
    hosts.forEach(VirtualHost::destroy);
    IpCommand.tryRun("link", "del", name);
  }
}
