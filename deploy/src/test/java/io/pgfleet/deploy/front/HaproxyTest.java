package io.pgfleet.deploy.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.deploy.DeployException;
import io.pgfleet.deploy.front.Fleets.Verdict;
import io.pgfleet.spec.FleetFile;
import io.pgfleet.spec.HostPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HaproxyTest {
  private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
  private static final List<HostPort> GATEWAYS =
      List.of(new HostPort("10.0.0.8", 6432), new HostPort("fd00::9", 6433));

  @TempDir Path folder;

  private void accepted(String text) throws Exception {
    assumeTrue(Files.isExecutable(HAPROXY), "haproxy is not installed");
    Path file = Files.writeString(folder.resolve("haproxy.cfg"), text);
    Verdict verdict = Fleets.check(List.of(HAPROXY.toString(), "-c", "-f", file.toString()));
    assertThat(verdict.status()).as(verdict.said()).isZero();
    assertThat(verdict.said()).doesNotContain("[WARNING]").doesNotContain("[ALERT]");
  }

  private static List<String> servers(String text, String backend) {
    return text.substring(text.indexOf("\nbackend " + backend))
        .lines()
        .skip(2)
        .takeWhile(line -> !line.startsWith("backend") && !line.isBlank())
        .map(String::strip)
        .filter(line -> line.startsWith("server "))
        .toList();
  }

  @Test
  void writesGoToThosePromotedAndReadsToThoseRead() throws Exception {
    String text =
        new Haproxy(Fleets.of(folder, "gateway: { reads: { max_lag_bytes: 3MB } }"), 7000)
            .beforeServers(5000, 5001);
    assertThat(servers(text, "primary"))
        .containsExactly(
            "server n1 10.0.0.1:5441 check port 8008",
            "server n2 10.0.0.2:5441 check addr 10.0.1.2 port 8008",
            "server n3 10.0.0.3:5441 check port 8008");
    assertThat(servers(text, "standbys"))
        .containsExactly(
            "server n1 10.0.0.1:5441 check port 8008",
            "server n3 10.0.0.3:5441 check port 8008",
            "server n4 10.0.0.4:5441 check port 8008");
    assertThat(text).contains("OPTIONS /replica?lag=3MB");
    accepted(text);
  }

  @Test
  void gatewaysAreToldTheClientsAddressesIfTheyWantToKnow() throws Exception {
    String plain = new Haproxy(Fleets.of(folder, ""), 7000).beforeGateways(5000, GATEWAYS);
    assertThat(plain)
        .contains(
            "server gateway1 10.0.0.8:6432 check\n", "server gateway2 [fd00::9]:6433 check\n");
    accepted(plain);
    String proxied =
        new Haproxy(Fleets.of(folder, "gateway: { proxy_protocol: { from: [10.0.0.0/8] } }"), 7000)
            .beforeGateways(5000, GATEWAYS);
    assertThat(proxied).contains("server gateway1 10.0.0.8:6432 check send-proxy-v2\n");
    accepted(proxied);
  }

  @Test
  void nodesWithoutChecksAndPortsTakenTwiceAreRefused() throws Exception {
    assertThatThrownBy(() -> new Haproxy(FleetFile.defaults(), 7000).beforeServers(5000, 5001))
        .isInstanceOfSatisfying(
            DeployException.class,
            told -> assertThat(told.remedy()).contains("checks: { port: 8008 }"))
        .hasMessageContaining("node n1 answers no HTTP checks");
    assertThatThrownBy(() -> new Haproxy(Fleets.of(folder, ""), 5001).beforeServers(5000, 5001))
        .isInstanceOf(DeployException.class)
        .hasMessageContaining("ports");
  }
}
