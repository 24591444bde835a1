package io.pgfleet.cli.hosts;

import io.pgfleet.testkit.host.VirtualHost;
import io.pgfleet.testkit.host.VirtualHosts;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Hosts with networks of their own; where there can be none, the test says so and is skipped. */
final class VirtualNetwork implements HostNetwork {
  private final List<String> names;
  private final VirtualHosts hosts;

  private VirtualNetwork(List<String> names, VirtualHosts hosts) {
    this.names = names;
    this.hosts = hosts;
  }

  static VirtualNetwork open(List<String> names) throws IOException {
    String obstacle = VirtualHosts.obstacle();
    Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
    return new VirtualNetwork(names, VirtualHosts.create(names.size()));
  }

  private VirtualHost host(String name) {
    return hosts.all().get(names.indexOf(name));
  }

  @Override
  public String address(String host) {
    return host(host).address();
  }

  @Override
  public List<String> enter(String host) {
    return host(host).command(List.of());
  }

  @Override
  public void cut(String host) throws IOException {
    host(host).disconnect();
  }

  @Override
  public void mend(String host) throws IOException {
    host(host).connect();
  }

  @Override
  public void close() {
    hosts.close();
  }
}
