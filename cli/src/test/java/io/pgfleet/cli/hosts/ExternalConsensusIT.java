package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.NotingClient;
import io.pgfleet.testkit.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A fleet on several hosts whose agreed state is kept by ZooKeeper's own program, which shows a
 * certificate of the fleet's authority, set up as the page about hosts has it.
 */
@Tag("slow")
class ExternalConsensusIT {
  /** More than two leases of four seconds. */
  private static final long OUTAGE_MILLIS = 11_000;

  private final int port = FreePorts.several(1).getFirst();

  private void useServer(FleetHosts hosts) throws IOException {
    String yaml = Files.readString(hosts.file("n1"));
    Files.writeString(
        hosts.file("n1"),
        yaml.substring(0, yaml.indexOf("consensus:"))
            + "consensus:\n  lease: 4s\n  servers: \"%s:%d\"\n  tls: { mode: verify-full }\n"
                .formatted(hosts.address("w1"), port));
  }

  private static void certify(FleetHosts hosts) throws Exception {
    hosts.run("n1", "certs", "init", "--this", "n1", hosts.file("n1").toString()).expect(0);
    for (String host : List.of("w1", "gw")) {
      hosts.run("n1", "certs", "issue", host, "--address", hosts.address(host)).expect(0);
    }
    for (String host : List.of("n2", "gw", "w1")) {
      Path bundle = hosts.bundle(host);
      hosts.run("n1", "certs", "bundle", host, bundle.toString()).expect(0);
    }
    for (String host : List.of("n2", "gw")) {
      hosts.run(host, "certs", "install", hosts.bundle(host).toString()).expect(0);
    }
  }

  private Process startServer(FleetHosts hosts) throws IOException {
    Path bundle = hosts.bundle("w1");
    Path data = Files.createDirectories(bundle.resolveSibling("zookeeper"));
    Path config =
        Files.writeString(
            data.resolve("zoo.cfg"),
            """
            tickTime=500
            dataDir=%s
            secureClientPort=%d
            secureClientPortAddress=%s
            serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
            authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider
            ssl.keyStore.location=%s
            ssl.keyStore.type=PEM
            ssl.trustStore.location=%s
            ssl.trustStore.type=PEM
            admin.enableServer=false
            """
                .formatted(
                    data,
                    port,
                    hosts.address("w1"),
                    bundle.resolve("tls/host.pem"),
                    bundle.resolve("tls/ca.crt")));
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx96m",
            "-cp",
            System.getProperty("java.class.path"),
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            config.toString())
        .redirectErrorStream(true)
        .redirectOutput(data.resolve("out").toFile())
        .start();
  }

  @Test
  void agentsOutliveTheAbsenceOfAServerThatIsNotTheirsAndFailOverByIt() throws Exception {
    try (FleetHosts hosts = new FleetHosts(new LoopbackNetwork(), List.of())) {
      useServer(hosts);
      certify(hosts);
      Process server = startServer(hosts);
      try {
        hosts.startAgent("n1");
        hosts.startAgent("n2");
        hosts.awaitWhole("n2");
        hosts.startGateway();
        try (NotingClient client = new NotingClient(hosts.jdbc())) {
          client.goOn();
          server.destroyForcibly().waitFor();
          Thread.sleep(OUTAGE_MILLIS);
          client.goOn();

          server = startServer(hosts);
          hosts.awaitWhole("gw");
          client.goOn();
          assertThat(client.failures()).isEmpty();
          assertThat(hosts.run("gw", "status", "--json", "--fleet", "tried").text())
              .contains("\"primary\":\"n1\"")
              .contains("\"term\":1");

          hosts.kill("n1");
          client.goOn();
          assertThat(hosts.run("gw", "status", "--json", "--fleet", "tried").text())
              .contains("\"primary\":\"n2\"");
          assertThat(client.lost()).isEmpty();
        }
      } finally {
        server.destroyForcibly();
      }
    }
  }
}
