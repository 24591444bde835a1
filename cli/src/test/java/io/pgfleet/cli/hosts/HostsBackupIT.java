package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.NotingClient;
import io.pgfleet.postgres.host.FileTrees;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Hosts that share nothing but a repository: one is lost, its data is made again, all are lost. */
@Tag("slow")
class HostsBackupIT {
  private static void awaitStatus(FleetHosts hosts, String host, String words) throws Exception {
    String status = "";
    for (int i = 0; i < 120 && !status.contains(words); i++) {
      Thread.sleep(500);
      status = hosts.run(host, "status", "--fleet", "tried").text();
    }
    assertThat(status).contains(words);
  }

  private static int backups(FleetHosts hosts, String host) throws Exception {
    String list = hosts.run(host, "backup", "list", "--fleet", "tried").expect(0).text();
    return (int) list.lines().filter(line -> line.matches(".*-(full|incr)-.*")).count();
  }

  @Test
  void backupsOutliveEveryHost() throws Exception {
    try (FleetHosts hosts = new FleetHosts(new LoopbackNetwork())) {
      Path key = Files.writeString(hosts.shared("backup.key"), "5c".repeat(32));
      Path repository = hosts.shared("repository");
      hosts.add(
          """
          backup:
            key: { file: %s }
            standbys_from: near
            wal_interval: 200ms
            repositories: { near: { folder: %s } }
          """
              .formatted(key, repository));
      hosts.startFleet("n1", "w1", "n2");
      awaitStatus(hosts, "gw", "backup near  base backup");
      long rows;
      try (NotingClient client = new NotingClient(hosts.jdbc())) {
        hosts.goOn(client);
        assertThat(hosts.run("n2", "backup", "create", "--fleet", "tried").expect(0).text())
            .contains("near: backup ")
            .doesNotContain("not counted");
        assertThat(backups(hosts, "n1")).isEqualTo(2);

        // The primary's host is lost with its data, and gets it from the repository.
        hosts.kill("n1");
        hosts.goOn(client);
        FileTrees.delete(hosts.home("n1").resolve("nodes"));
        awaitStatus(hosts, "w1", "backup near  base backup");
        hosts.mend("n1");
        hosts.startAgent("n1");
        hosts.awaitWhole("gw");
        assertThat(Files.readString(hosts.home("n1").resolve("log/agent-n1.log")))
            .containsPattern("was made of backup \\S+ of repository near");
        hosts.goOn(client);
        assertThat(hosts.run("n1", "backup", "check", "--fleet", "tried").expect(0).text())
            .containsPattern("WAL +ok ");
        assertThat(hosts.run("n1", "backup", "drill", "--fleet", "tried").expect(0).text())
            .contains("passed: ")
            .containsPattern("rows as of the backup +ok .*, as they were on ");
        assertThat(client.lost()).isEmpty();
      }
      rows = Long.parseLong(NotingClient.ask(hosts.jdbc(), "select count(*) from noted"));
      assertThat(rows).isPositive();
      Thread.sleep(2000);

      for (String host : new String[] {"n1", "n2", "w1"}) {
        hosts.kill(host);
        hosts.mend(host);
        FileTrees.delete(hosts.home(host).resolve("nodes"));
        FileTrees.delete(hosts.home(host).resolve("consensus-" + host));
      }
      assertThat(hosts.run("n1", "backup", "restore", "--fleet", "tried").expect(0).text())
          .contains("restored into");
      hosts.startAgents("n1", "w1", "n2");
      assertThat(NotingClient.ask(hosts.jdbc(), "select count(*) from noted"))
          .isEqualTo(Long.toString(rows));
      awaitStatus(hosts, "gw", "backup near  base backup");
    }
  }
}
