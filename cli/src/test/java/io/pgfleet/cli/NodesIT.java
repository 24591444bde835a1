package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.testkit.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nodes that come to a running fleet and leave it, under a client that writes. */
@Tag("together")
class NodesIT {
  private static final int LOOKS = 300;

  /** Any error is one too many. */
  private static void goOn(NotingClient client) throws InterruptedException {
    client.goOn(50, Duration.ofSeconds(30));
    assertThat(client.failures()).isEmpty();
  }

  /** Who answers three reads at once, which the gateway spreads over the standbys. */
  private static Set<String> readers(String jdbc) throws InterruptedException {
    Set<String> names = new ConcurrentSkipListSet<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try {
                  names.add(
                      NotingClient.ask(
                          jdbc, "select current_setting('cluster_name') from pg_sleep(0.3)"));
                } catch (SQLException e) {
                  names.add(String.valueOf(e.getMessage()));
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return names;
  }

  private interface Question {
    String ask() throws Exception;
  }

  private static void await(String wanted, Question question) throws Exception {
    String answer = question.ask();
    for (int i = 0; i < LOOKS && !wanted.equals(answer); i++) {
      Thread.sleep(100);
      answer = question.ask();
    }
    assertThat(answer).isEqualTo(wanted);
  }

  @Test
  void aNodeComesAndServesAndAnotherLeavesAndNoClientSeesIt() throws Exception {
    String port = Integer.toString(FreePorts.several(1).getFirst());
    try (FleetProcess fleet = new FleetProcess("# the end\n")) {
      fleet.up().expect(0);
      String jdbc = fleet.run("url", "--jdbc").expect(0).out().strip();
      String reads = jdbc.replaceFirst("/([a-z0-9_]+)[?]", "/$1_read?");
      String file = Files.readString(fleet.file());
      try (NotingClient client = new NotingClient(jdbc)) {
        goOn(client);
        assertThat(fleet.run("node", "add", "n4", "--port", port, "--dry-run").expect(0).out())
            .contains("n4: { port: " + port + " }");
        assertThat(Files.readString(fleet.file())).isEqualTo(file);
        assertThat(fleet.run("node", "add", "n4", "--port", port).expect(0).out())
            .contains("n4 streams from the primary");
        assertThat(Files.readString(fleet.file()))
            .isEqualTo(file.replaceFirst("( +n3: .*\n)", "$1      n4: { port: " + port + " }\n"));
        // What has come so far is not done twice.
        fleet.run("node", "add", "n4", "--port", port).expect(0);
        fleet.run("node", "add", "n4", "--port", "1").expect(2);
        fleet.whole();
        await("[n2, n3, n4]", () -> readers(reads).toString());
        goOn(client);

        assertThat(fleet.run("switchover", "--to", "n4").expect(0).out())
            .contains("n4 is the primary");
        goOn(client);
        assertThat(fleet.run("node", "remove", "n4").expect(1).err())
            .contains("n4 is the primary")
            .contains("pgfleet switchover");

        ProcessHandle leaving = ProcessHandle.of(fleet.serverPids().get(1)).orElseThrow();
        assertThat(fleet.run("node", "remove", "n2", "--dry-run").expect(0).out())
            .contains("n2: { port:");
        assertThat(fleet.run("node", "remove", "n2").expect(0).out())
            .contains("n2 is out of the group")
            .contains("its data stays in " + fleet.home().resolve("nodes/n2"));
        assertThat(FleetProcess.noneRuns(List.of(leaving.pid()))).isTrue();
        assertThat(fleet.home().resolve("nodes/n2/PG_VERSION")).exists();
        assertThat(Files.readString(fleet.file())).doesNotContain("n2").contains("# the end");
        goOn(client);
        assertThat(fleet.whole().out()).doesNotContain("n2").contains("n4");
        String slots = "select string_agg(slot_name, ' ' order by 1) from pg_replication_slots";
        await("pgfleet_n1 pgfleet_n3", () -> NotingClient.ask(jdbc, slots));
        assertThat(fleet.run("node", "remove", "n2").expect(0).out()).contains("out of the group");
        assertThat(client.failures()).isEmpty();
        assertThat(client.lost()).isEmpty();
      }
      fleet.run("down").expect(0);
      String strict =
          Files.readString(fleet.file()).replace("main:\n", "main:\n    durability: strict\n");
      Files.writeString(fleet.file(), strict);
      fleet.up().expect(0);
      await("1 of n1, n3", () -> waitsFor(fleet).strip());
      assertThat(fleet.whole().out())
          .contains("primary n4", "waits for 1 of n1, n3")
          .doesNotContain("n2");
      aRemovalThatWaitsIsCancelled(fleet);
    }
  }

  /** n1 hangs, so n3 can't be spared; commits go on once it stays. */
  private static void aRemovalThatWaitsIsCancelled(FleetProcess fleet) throws Exception {
    long n1 = fleet.serverPids().getFirst();
    List<Long> hanging = new ArrayList<>(List.of(n1));
    ProcessHandle.of(n1).orElseThrow().descendants().map(ProcessHandle::pid).forEach(hanging::add);
    Path out = fleet.file().resolveSibling("remove.out");
    signal("-STOP", hanging);
    try {
      fleet.sql("create table kept (i int)");
      Process removal = fleet.start(out, "node", "remove", "n3");
      while (!Files.readString(out).contains("waiting until nothing depends on n3")) {
        assertThat(removal.isAlive()).as(Files.readString(out)).isTrue();
        Thread.sleep(20);
      }
      assertThat(fleet.run("status").out()).contains("leaves the group");
      assertThat(removal.isAlive()).isTrue();
      assertThat(fleet.run("node", "remove", "n3", "--cancel").expect(0).out())
          .contains("n3 stays in the group");
      assertThat(removal.waitFor()).isEqualTo(1);
      assertThat(Files.readString(out)).contains("--cancel was called meanwhile");
      assertThat(Files.readString(fleet.file())).contains("n3:");
      // Only n3 can acknowledge it.
      fleet.sql("insert into kept values (1)");
      await("true", () -> Boolean.toString(waitsFor(fleet).contains("n3")));
      assertThat(fleet.run("status").out()).doesNotContain("leaves the group");
    } finally {
      signal("-CONT", hanging);
    }
    assertThat(fleet.run("switchover", "--to", "n3").expect(0).out()).contains("n3 is the primary");
    assertThat(fleet.sql("insert into kept values (2) returning i")).startsWith("2");
  }

  private static String waitsFor(FleetProcess fleet) throws Exception {
    return fleet.run("status").out().replaceAll("(?s).*a commit waits for ([^\n]*).*", "$1");
  }

  private static void signal(String signal, List<Long> pids) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    pids.forEach(pid -> command.add(pid.toString()));
    new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
