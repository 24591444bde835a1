package io.pgfleet.cli.hosts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Hosts that are Linux network namespaces with addresses of their own, joined by a bridge. Needs
 * root and the program ip; without them the test says so and is skipped.
 */
final class NamespaceNetwork implements HostNetwork {
  private final String tag = Long.toString(ProcessHandle.current().pid() % 100_000, 36);
  private final String bridge = "pgb" + tag;
  private final String prefix =
      "10.213.%d.".formatted(Math.floorMod(ProcessHandle.current().pid(), 250));
  private final List<String> hosts = new ArrayList<>();

  private NamespaceNetwork() {}

  static NamespaceNetwork open(List<String> hosts) throws Exception {
    NamespaceNetwork network = new NamespaceNetwork();
    String probe = "pgprobe" + network.tag;
    Assumptions.assumeTrue(
        succeeds("ip", "netns", "add", probe) && succeeds("ip", "netns", "del", probe),
        "network namespaces need root and the program ip");
    boolean made = false;
    try {
      run("ip", "link", "add", network.bridge, "type", "bridge");
      run("ip", "addr", "add", network.prefix + "254/24", "dev", network.bridge);
      run("ip", "link", "set", network.bridge, "up");
      for (String host : hosts) {
        network.add(host);
      }
      made = true;
      return network;
    } finally {
      if (!made) {
        network.close();
      }
    }
  }

  private void add(String host) throws Exception {
    hosts.add(host);
    String inside = "eth0";
    run("ip", "netns", "add", name(host));
    run(
        "ip",
        "link",
        "add",
        outside(host),
        "type",
        "veth",
        "peer",
        "name",
        inside,
        "netns",
        name(host));
    run("ip", "link", "set", outside(host), "master", bridge);
    run("ip", "link", "set", outside(host), "up");
    run("ip", "-n", name(host), "addr", "add", address(host) + "/24", "dev", inside);
    run("ip", "-n", name(host), "link", "set", inside, "up");
    run("ip", "-n", name(host), "link", "set", "lo", "up");
  }

  private String name(String host) {
    return "pg" + tag + host;
  }

  private String outside(String host) {
    return "v" + tag + host;
  }

  @Override
  public String address(String host) {
    return prefix + (1 + hosts.indexOf(host));
  }

  @Override
  public List<String> enter(String host) {
    return List.of("ip", "netns", "exec", name(host));
  }

  @Override
  public void cut(String host) throws Exception {
    run("ip", "link", "set", outside(host), "down");
  }

  @Override
  public void mend(String host) throws Exception {
    run("ip", "link", "set", outside(host), "up");
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static void run(String... command) throws InterruptedException {
    if (!succeeds(command)) {
      throw new AssertionError("failed: " + String.join(" ", command));
    }
  }

  @Override
  public void close() {
    try {
      for (String host : hosts) {
        succeeds("ip", "netns", "del", name(host));
      }
      succeeds("ip", "link", "del", bridge);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
