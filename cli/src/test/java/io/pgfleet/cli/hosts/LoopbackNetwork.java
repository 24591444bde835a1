package io.pgfleet.cli.hosts;

import java.util.ArrayList;
import java.util.List;

/** Hosts that are loopback addresses of one machine, so that all may have the same ports. */
final class LoopbackNetwork implements HostNetwork {
  private final String prefix =
      "127.%d.%d.".formatted(1 + ProcessHandle.current().pid() % 250, System.nanoTime() % 250);
  private final List<String> hosts = new ArrayList<>();

  LoopbackNetwork() {}

  @Override
  public synchronized String address(String host) {
    if (!hosts.contains(host)) {
      hosts.add(host);
    }
    return prefix + (1 + hosts.indexOf(host));
  }

  @Override
  public List<String> enter(String host) {
    return List.of();
  }

  @Override
  public void cut(String host) {
    // Who is killed is silent, too.
  }

  @Override
  public void mend(String host) {
    // Nothing was cut.
  }

  @Override
  public void close() {
    // Nothing was made.
  }
}
