package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgfleet.cli.Programs;
import io.pgfleet.testkit.TestFolder;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** keepalived moves a virtual address between hosts with networks of their own. */
class VirtualIpIT {
  private static final int PORT = 8008;
  private static final String YES = "HTTP/1.1 200 OK\r\n\r\n";
  private static final String NO = "HTTP/1.1 503 Service Unavailable\r\n\r\n";

  @BeforeEach
  void needsKeepalived() {
    assumeTrue(Files.isExecutable(Keepaliveds.PROGRAM), "keepalived is not installed");
  }

  private static String virtual(HostNetwork network, String host) {
    String address = network.address(host);
    return address.substring(0, address.lastIndexOf('.') + 1) + "100";
  }

  /** In one step: never is half an answer there. */
  private static Path answer(TestFolder folder, String host, String text) throws Exception {
    Path file = folder.resolve("answer-" + host);
    Path next = Files.writeString(folder.resolve("next-" + host), text);
    return Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What stands at the virtual address says, asked from outside of the hosts. */
  private static String asked(String virtual) throws Exception {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(virtual, PORT), 5000);
      socket.setSoTimeout(5000);
      socket
          .getOutputStream()
          .write("OPTIONS / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static void run(TestFolder folder, HostNetwork network, String host) throws Exception {
    Process _ =
        new Programs(folder, folder.path(), network.enter(host))
            .start(
                folder.resolve("answering-" + host),
                Answering.command(PORT, folder.resolve("answer-" + host)));
  }

  @Test
  void theAddressLeavesAHostThatDoesNotServeAndIsReachedWhereItGoes() throws Exception {
    List<String> names = List.of("n1", "n2");
    try (TestFolder folder = TestFolder.create();
        VirtualNetwork network = VirtualNetwork.open(names)) {
      Path yaml =
          Files.writeString(
              folder.resolve("fleet.yaml"),
              """
              fleet: tried
              groups:
                main:
                  nodes:
                    n1: { host: %s, port: 5432, checks: { port: %d } }
                    n2: { host: %s, port: 5432, checks: { port: %d } }
              """
                  .formatted(network.address("n1"), PORT, network.address("n2"), PORT));
      answer(folder, "n1", YES);
      answer(folder, "n2", NO);
      String virtual = virtual(network, "n1");
      Keepaliveds keepaliveds = new Keepaliveds(folder, network, virtual);
      for (String host : names) {
        run(folder, network, host);
        keepaliveds.start(host, yaml, "--node", host);
      }
      keepaliveds.awaitHolders("n1");
      assertThat(asked(virtual)).isEqualTo(YES);

      // As in a switchover: for a while nobody is the primary.
      answer(folder, "n1", NO);
      keepaliveds.awaitHolders();
      answer(folder, "n2", YES);
      keepaliveds.awaitHolders("n2");
      assertThat(asked(virtual)).isEqualTo(YES);

      // A host that comes to serve while the other still does so does not take it away.
      answer(folder, "n1", YES);
      Thread.sleep(5000);
      assertThat(keepaliveds.holders()).containsExactly("n2");

      // A host that is lost can't give it up; whoever is left is reached.
      network.cut("n2");
      keepaliveds.awaitHolders("n1", "n2");
      assertThat(asked(virtual)).isEqualTo(YES);
    }
  }

  @Test
  @Tag("slow")
  void theAddressFollowsThePrimaryOfARealFleet() throws Exception {
    try (TestFolder folder = TestFolder.create();
        FleetHosts hosts = new FleetHosts(VirtualNetwork.open(FleetHosts.NAMES))) {
      hosts.prepare();
      for (String host : List.of("n1", "w1", "n2")) {
        hosts.startAgent(host);
      }
      hosts.awaitWhole("w1");
      HostNetwork network = hosts.network();
      Keepaliveds keepaliveds = new Keepaliveds(folder, network, virtual(network, "n1"));
      for (String host : List.of("n1", "n2")) {
        keepaliveds.start(host, hosts.file("n1"), "--node", host);
      }
      keepaliveds.awaitHolders("n1");
      hosts.run("w1", "switchover", "--fleet", "tried", "--to", "n2").expect(0);
      keepaliveds.awaitHolders("n2");
      // Its host goes on, keepalived too; only the fleet's processes are gone.
      hosts.kill("n2");
      hosts.mend("n2");
      keepaliveds.awaitHolders("n1");
    }
  }
}
