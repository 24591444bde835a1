package io.pgfleet.deploy.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.deploy.DeployException;
import io.pgfleet.deploy.front.Fleets.Verdict;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeepalivedTest {
  private static final Path KEEPALIVED = Path.of("/usr/sbin/keepalived");
  private static final HostPort ONE = new HostPort("10.0.0.8", 6432);
  private static final HostPort OTHER = new HostPort("10.0.0.9", 6432);

  @TempDir Path folder;

  private static Keepalived keepalived(FleetSpec spec, String networkInterface) {
    return new Keepalived(spec, InetAddress.ofLiteral("10.0.0.100"), 24, networkInterface, 7);
  }

  private Keepalived keepalived(String more) throws Exception {
    return keepalived(Fleets.of(folder, more), "eth0");
  }

  /** An interface of this machine, for keepalived refuses those that are not there. */
  private static String anInterface() throws Exception {
    return NetworkInterface.networkInterfaces()
        .filter(one -> !one.getName().equals("lo"))
        .map(NetworkInterface::getName)
        .findFirst()
        .orElse("");
  }

  private void accepted(String text) throws Exception {
    Path file = Files.writeString(folder.resolve("keepalived.conf"), text);
    Verdict verdict = Fleets.check(List.of(KEEPALIVED.toString(), "-t", "-f", file.toString()));
    assertThat(verdict.status()).as(verdict.said()).isZero();
    assertThat(verdict.said()).isEmpty();
  }

  @Test
  void keepalivedFindsNothingWrongWithEither() throws Exception {
    assumeTrue(Files.isExecutable(KEEPALIVED), "keepalived is not installed");
    String name = anInterface();
    assumeTrue(!name.isEmpty(), "this machine has no interface but loopback");
    Keepalived keepalived = keepalived(Fleets.of(folder, ""), name);
    accepted(keepalived.followingPrimary(new NodeName("n1")));
    accepted(keepalived.onGateways(ONE, List.of(ONE, OTHER)));
  }

  @Test
  void onlyHostsThatMayHaveThePrimaryArePeers() throws Exception {
    String text = keepalived("").followingPrimary(new NodeName("n2"));
    assertThat(text)
        .contains("/dev/tcp/10.0.1.2/8008", "unicast_src_ip 10.0.0.2\n", "10.0.0.100/24\n")
        .contains("unicast_peer {\n    10.0.0.1\n    10.0.0.3\n  }\n");
    assertThatThrownBy(() -> keepalived("").followingPrimary(new NodeName("n4")))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("never becomes the primary");
    assertThatThrownBy(() -> keepalived("").followingPrimary(new NodeName("n9")))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("no node n9");
  }

  @Test
  void aGatewayThatAsksItsOwnHostForAProxyHeaderGetsOne() throws Exception {
    List<HostPort> both = List.of(ONE, OTHER);
    String plain = keepalived("").onGateways(ONE, both);
    assertThat(plain).contains(" <<< AAAACATSFi8= >&3");
    assertThat(
            keepalived("gateway: { proxy_protocol: { from: [10.0.0.16/28] } }")
                .onGateways(ONE, both))
        .isEqualTo(plain);
    assertThat(
            keepalived("gateway: { proxy_protocol: { from: [10.0.0.0/28] } }")
                .onGateways(ONE, both))
        .contains(" <<< DQoNCgANClFVSVQKIAAAAAAAAAgE0hYv >&3");
  }

  @Test
  void whatCanNotWorkIsRefused() throws Exception {
    HostPort named = new HostPort("gw2", 6432);
    assertThatThrownBy(() -> keepalived("").onGateways(ONE, List.of(ONE, named)))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("gw2 is a name");
    HostPort six = new HostPort("fd00::1", 6432);
    assertThatThrownBy(() -> keepalived("").onGateways(ONE, List.of(ONE, six)))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("not both of IPv4");
    assertThatThrownBy(() -> keepalived("").onGateways(ONE, List.of(ONE)))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("one host only");
    assertThatThrownBy(() -> keepalived("").onGateways(ONE, List.of(OTHER)))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("none of the gateways");
    assertThatThrownBy(() -> keepalived("").onGateways(ONE, List.of(ONE, OTHER, OTHER)))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("two of the hosts are the same");
    assertThatThrownBy(() -> keepalived(Fleets.of(folder, ""), "eth0; rm"))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("no name of a network interface");
  }

  @Test
  void theRouterIdIsTheSameOnEveryHostAndWithinItsRange() {
    for (int last = 1; last < 255; last++) {
      assertThat(Keepalived.routerIdOf(InetAddress.ofLiteral("10.0.0." + last))).isBetween(1, 255);
    }
    assertThat(Keepalived.routerIdOf(InetAddress.ofLiteral("10.0.0.1")))
        .isNotEqualTo(Keepalived.routerIdOf(InetAddress.ofLiteral("10.0.0.2")));
  }
}
