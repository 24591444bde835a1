package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.NotingClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A fleet of two data hosts, a witness and a gateway, in processes that share no state. */
class HostsIT {
  @Test
  void aLostHostCostsNoAcknowledgedRowAndItsServerComesBack() throws Exception {
    loseAHost(new LoopbackNetwork());
  }

  @Test
  @Tag("slow")
  void theSameBetweenHostsWithNetworksOfTheirOwn() throws Exception {
    loseAHost(VirtualNetwork.open(FleetHosts.NAMES));
  }

  private static void loseAHost(HostNetwork network) throws Exception {
    try (FleetHosts hosts = new FleetHosts(network)) {
      hosts.prepare();
      // Hosts start in any order: the gateway is first, and its client waits for the rest.
      hosts.startGateway();
      assertThat(hosts.said("gw"))
          .contains("the agreed state is not reached yet: ", network.address("n1"), "Clients wait")
          .doesNotContain("\tat ");
      String jdbc = hosts.jdbc();
      FutureTask<String> first = new FutureTask<>(() -> NotingClient.ask(jdbc, "select 'served'"));
      Thread.ofPlatform().daemon().start(first);
      hosts.startAgents("n1", "w1", "n2");
      assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo("served");
      // A statement that was on its way to a host that vanished is answered by the gateway alone.
      assertThat(NotingClient.ask(jdbc, "select ssl from pg_stat_ssl where pid = pg_backend_pid()"))
          .isEqualTo("t");
      try (NotingClient client = new NotingClient(jdbc)) {
        hosts.goOn(client);
        hosts.kill("n1");
        hosts.goOn(client);
        assertThat(client.lost()).isEmpty();

        hosts.mend("n1");
        hosts.startAgent("n1");
        hosts.awaitWhole("gw");
        hosts.goOn(client);

        // From a host that has no server.
        assertThat(hosts.run("w1", "switchover", "--fleet", "tried", "--to", "n1").expect(0).text())
            .containsPattern("n1 is the primary of term \\d");
        hosts.goOn(client);
        assertThat(client.lost()).isEmpty();

        // The agent of a standby ends, and its server goes on.
        ProcessHandle standby = hosts.server("n2");
        hosts.terminate("n2");
        assertThat(standby.isAlive()).isTrue();
        hosts.startAgent("n2");
        hosts.awaitWhole("n1");
        assertThat(hosts.server("n2")).isEqualTo(standby);

        // That of the primary moves the primary first.
        hosts.terminate("n1");
        hosts.goOn(client);
        assertThat(hosts.server("n1").isAlive()).isTrue();
        // With n1 the ensemble may have lost its leader, and n2 its lease for a moment.
        String status = "";
        for (int i = 0; i < 60 && !status.contains("\"primary\":\"n2\""); i++) {
          Thread.sleep(500);
          status = hosts.run("gw", "status", "--json", "--fleet", "tried").text();
        }
        assertThat(status).contains("\"primary\":\"n2\"");
        assertThat(client.lost()).isEmpty();
      }
    }
  }

  private static void awaitShown(FleetHosts hosts, String setting, String value) throws Exception {
    for (String node : new String[] {"n1", "n2"}) {
      String jdbc = hosts.jdbc(node);
      for (int i = 0; i < 50 && !NotingClient.ask(jdbc, "show " + setting).equals(value); i++) {
        Thread.sleep(100);
      }
      assertThat(NotingClient.ask(jdbc, "show " + setting)).as(node).isEqualTo(value);
    }
  }

  @Test
  @Tag("slow")
  void settingsAndRestartsReachTheServersOfOtherHostsAndNoClientSeesAnError() throws Exception {
    try (FleetHosts hosts = new FleetHosts(new LoopbackNetwork())) {
      hosts.startFleet("n1", "w1", "n2");
      try (NotingClient client = new NotingClient(hosts.jdbc())) {
        client.goOn();
        assertThat(hosts.run("n1", "apply", "--fleet", "tried").expect(0).text())
            .contains("nothing has changed");
        hosts.settings("n1", "work_mem: 8MB");
        assertThat(hosts.run("n1", "apply", "--dry-run", "--fleet", "tried").expect(0).text())
            .contains("work_mem: 4MB -> 8MB")
            .contains("at once, by a reload");
        awaitShown(hosts, "work_mem", "4MB");
        hosts.settings("n1", "work_mem: lots");
        assertThat(hosts.run("n1", "apply", "--fleet", "tried").expect(2).text())
            .contains("nothing was changed")
            .contains("work_mem");
        ProcessHandle primary = hosts.server("n1");
        hosts.settings("n1", "work_mem: 8MB");
        hosts.run("n1", "apply", "--fleet", "tried").expect(0);
        awaitShown(hosts, "work_mem", "8MB");
        assertThat(hosts.server("n1")).isEqualTo(primary);

        // From a host that has no server.
        hosts.settings("w1", "work_mem: 8MB, max_connections: 120");
        assertThat(hosts.run("w1", "apply", "--fleet", "tried").expect(0).text())
            .contains("max_connections: 100 -> 120")
            .containsSubsequence("restarting n2", "restarting n1, the primary");
        awaitShown(hosts, "max_connections", "120");
        assertThat(hosts.server("n1")).isNotEqualTo(primary);
        client.goOn();

        ProcessHandle standby = hosts.server("n2");
        primary = hosts.server("n1");
        assertThat(hosts.run("gw", "restart", "--rolling", "--fleet", "tried").expect(0).text())
            .contains("all 2 servers were restarted; the primary is n2");
        assertThat(hosts.server("n1")).isNotEqualTo(primary);
        assertThat(hosts.server("n2")).isNotEqualTo(standby);
        client.goOn();
        hosts.run("gw", "restart", "--node", "n1", "--fleet", "tried").expect(0);
        client.goOn();
        assertThat(client.failures()).isEmpty();
        assertThat(client.lost()).isEmpty();
      }
    }
  }

  @Test
  @Tag("slow")
  void aNodeOfANewHostTakesOverAndLeavesAgainAndNoClientSeesAnError() throws Exception {
    try (FleetHosts hosts = new FleetHosts(new LoopbackNetwork())) {
      hosts.startFleet("n1", "w1", "n2");
      try (NotingClient client = new NotingClient(hosts.jdbc())) {
        client.goOn();
        String[] add = {
          "node", "add", "n3", "--host", hosts.address("n3"), "--port", hosts.serverPort()
        };
        assertThat(hosts.run("n1", add).expect(0).text())
            .contains("n3: { host: " + hosts.address("n3"))
            .contains("pgfleet certs issue n3")
            .contains("pgfleet agent --node n3");
        hosts.join("n3");
        hosts.startAgent("n3");
        hosts.awaitWhole("w1");
        assertThat(hosts.run("w1", "switchover", "--fleet", "tried", "--to", "n3").expect(0).text())
            .contains("n3 is the primary");
        client.goOn();

        assertThat(hosts.run("n1", "node", "remove", "n2").expect(1).text())
            .contains("n2 keeps the agreed state");
        assertThat(hosts.run("n1", "node", "remove", "n3").expect(1).text())
            .contains("n3 is the primary");
        hosts.run("w1", "switchover", "--fleet", "tried", "--to", "n1").expect(0);
        hosts.awaitWhole("w1");
        ProcessHandle leaving = hosts.server("n3");
        assertThat(hosts.run("n1", "node", "remove", "n3").expect(0).text())
            .contains("n3 is out of the group, and its server is stopped");
        assertThat(leaving.isAlive()).isFalse();
        assertThat(Files.readString(hosts.file("n1"))).doesNotContain("n3");

        // Its agent begins again with its old file, and knows better.
        hosts.terminate("n3");
        hosts.startAgent("n3");
        assertThat(hosts.awaitWhole("n2").text()).doesNotContain("n3");
        client.goOn();
        assertThat(client.failures()).isEmpty();
        assertThat(client.lost()).isEmpty();
      }
    }
  }

  @Test
  @Tag("together")
  void whatAHostLacksIsSaidBeforeAnythingIsChanged() throws Exception {
    try (FleetHosts hosts = new FleetHosts(new LoopbackNetwork())) {
      String file = hosts.file("n1").toString();
      assertThat(hosts.run("n1", "agent", "--node", "n1", file).expect(3).text())
          .contains("secrets of fleet tried are not on this host")
          .contains("pgfleet certs init FILE");
      assertThat(hosts.run("n1", "agent", "--node", "n9", file).expect(2).text())
          .contains("no node and no witness n9")
          .contains("n1, n2, w1");
      assertThat(hosts.run("n1", "up", file).expect(2).text()).contains("pgfleet agent --node");

      Path elsewhere = hosts.file("n1").resolveSibling("elsewhere.yaml");
      Files.writeString(
          elsewhere,
          """
          fleet: far
          groups: { main: { nodes: { n1: { host: 192.0.2.1 } } } }
          consensus: { members: { n1: } }
          """);
      assertThat(hosts.run("n1", "agent", "--node", "n1", elsewhere.toString()).expect(1).text())
          .contains("spans hosts (192.0.2.1)")
          .contains("pgfleet certs bundle n1 FOLDER");

      hosts.prepare();
      assertThat(hosts.run("n1", "certs", "init", file).expect(1).text())
          .contains("there is a certificate authority");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(hosts.home("n2").resolve("tls/host.key"))))
          .isEqualTo("rw-------");
      assertThat(hosts.run("n2", "certs", "show").expect(0).text()).contains("valid until");
      assertThat(hosts.run("n2", "certs", "renew").expect(1).text())
          .contains("there is no certificate authority");
      assertThat(hosts.run("n2", "status").expect(3).text())
          .contains("the agreed state of fleet tried can't be reached");
    }
  }
}
