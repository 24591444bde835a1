package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nodes that are never promoted or never read from, as real servers. */
@Tag("together")
class NodeTagsIT {
  @Test
  void aNodeThatIsNeverPromotedIsNotWaitedForAndTheOtherTakesOver() throws Exception {
    try (FleetProcess fleet = new FleetProcess("")) {
      String port = "n2: { port: " + fleet.nodePort(2);
      String yaml = Files.readString(fleet.file());
      Files.writeString(
          fleet.file(), yaml.replace(port, port + ", never_promote: true, never_read: true"));
      fleet.up().expect(0);
      assertThat(fleet.run("status").expect(0).out())
          .contains("a commit waits for 1 of n3")
          .containsPattern("n2 +standby +streaming +async");
      assertThat(fleet.run("switchover", "--to", "n2").expect(1).err()).contains("never promoted");
      fleet.sql("create table t (i int)");
      fleet.sql("insert into t values (1)");
      for (int i = 0; i < 20; i++) {
        assertThat(fleet.sql("select inet_server_port()"))
            .isNotEqualTo(Integer.toString(fleet.nodePort(2)));
      }

      FleetProcess.kill(List.of(fleet.serverPids().getFirst()));
      for (int i = 0; i < 100 && !fleet.run("status").out().contains("primary n3"); i++) {
        Thread.sleep(100);
      }
      assertThat(fleet.run("status").out()).contains("primary n3");
      assertThat(fleet.sql("select count(*) from t")).isEqualTo("1");
      fleet.sql("insert into t values (2)");
      for (int i = 0; i < 200 && fleet.run("status").status() != 0; i++) {
        Thread.sleep(100);
      }
      assertThat(fleet.run("status").expect(0).out())
          .contains("a commit waits for 1 of n1")
          .containsPattern("n2 +standby +streaming +async");
    }
  }
}
