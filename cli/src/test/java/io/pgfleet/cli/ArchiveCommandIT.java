package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.wire.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A fleet whose servers hand their WAL over, while stores, servers and the program come and go. */
@Tag("slow")
class ArchiveCommandIT {
  private static final Pattern ARCHIVED = Pattern.compile("\"end\":\"([0-9A-F/]+)\"");

  /** Two nodes, which begin with streaming. */
  private static FleetProcess fleet() throws IOException {
    FleetProcess fleet =
        new FleetProcess(
            """
            postgres: { settings: { archive_timeout: 2s } }
            users: { app: }
            databases: { app: { owner: app } }
            backup:
              wal: stream
              wal_interval: 200ms
              repositories:
                near: { folder: repository }
            """);
    Files.writeString(fleet.file(), Files.readString(fleet.file()).replaceFirst(" +n3: .*\n", ""));
    return fleet;
  }

  private static Path repository(FleetProcess fleet) {
    return fleet.file().resolveSibling("repository");
  }

  private static void takeAway(FleetProcess fleet) throws IOException {
    Files.move(repository(fleet), repository(fleet).resolveSibling("away"));
    Files.writeString(repository(fleet), "no folder");
  }

  private static void giveBack(FleetProcess fleet) throws IOException {
    Files.delete(repository(fleet));
    Files.move(repository(fleet).resolveSibling("away"), repository(fleet));
  }

  /**
   * Inserts a row.
   *
   * @return a position in its transaction's WAL; all of it is handed over when the segment is
   */
  private static Lsn insert(FleetProcess fleet, int number) throws Exception {
    String told =
        fleet.sql(
            "insert into noted values (" + number + ") returning pg_current_wal_insert_lsn()");
    return Lsn.parse(told.lines().findFirst().orElseThrow());
  }

  private static Lsn archived(FleetProcess fleet) throws Exception {
    Matcher end = ARCHIVED.matcher(fleet.run("status", "--json").out());
    return end.find() ? Lsn.parse(end.group(1)) : Lsn.ZERO;
  }

  private static void awaitArchived(FleetProcess fleet, Lsn position) throws Exception {
    for (int i = 0; i < 120 && !archived(fleet).reaches(position); i++) {
      Thread.sleep(250);
    }
    assertThat(archived(fleet).reaches(position)).as(fleet.run("status").out()).isTrue();
  }

  private static void awaitStatus(FleetProcess fleet, String words) throws Exception {
    String status = "";
    for (int i = 0; i < 120 && !status.contains(words); i++) {
      Thread.sleep(250);
      status = fleet.run("status").out();
    }
    assertThat(status).contains(words);
  }

  @Test
  void nothingHandedOverIsMissingWhoeverWasAway() throws Exception {
    try (FleetProcess fleet = fleet()) {
      fleet.up().expect(0);
      awaitStatus(fleet, "backup near  base backup");
      fleet.sql("create table noted (number int primary key)");
      insert(fleet, 1);

      // From streaming to handing over, with no base backup between.
      fleet.run("down").expect(0);
      Files.writeString(
          fleet.file(),
          Files.readString(fleet.file()).replace("wal: stream", "wal: archive_command"));
      fleet.up().expect(0);
      fleet.whole();
      awaitArchived(fleet, insert(fleet, 2));
      assertThat(fleet.sql("begin; show archive_mode; commit")).isEqualTo("always");
      assertThat(
              fleet.sql(
                  "begin; select count(*) from pg_replication_slots where"
                      + " slot_name like '%archive%'; commit"))
          .isEqualTo("0");

      // The store is away, and the primary is lost with what it could not hand over.
      takeAway(fleet);
      insert(fleet, 3);
      awaitStatus(fleet, "is not archived");
      FleetProcess.kill(fleet.processesOf(1));
      fleet.whole();
      Lsn fourth = insert(fleet, 4);
      giveBack(fleet);
      awaitArchived(fleet, fourth);

      // The program is killed, and its servers are not.
      FleetProcess.kill(List.of(fleet.programPid()));
      Thread.sleep(3000);
      fleet.up().expect(0);
      fleet.whole();
      awaitArchived(fleet, insert(fleet, 5));
      insert(fleet, 6);
      assertThat(fleet.run("backup", "check").expect(0).out())
          .containsPattern("WAL +ok +from \\S+ up to \\S+ on timeline [2-9]")
          .contains("archiver       ok");
      assertThat(fleet.run("backup", "verify").expect(0).out())
          .contains("all as they were written");

      pushByHandAndRestore(fleet);
    }
  }

  /** All is lost but the disk of one server. */
  private static void pushByHandAndRestore(FleetProcess fleet) throws Exception {
    List<Long> pids = new ArrayList<>(List.of(fleet.programPid()));
    for (int node = 1; node <= 2; node++) {
      pids.addAll(fleet.processesOf(node));
    }
    FleetProcess.kill(pids);
    Path saved = fleet.file().resolveSibling("saved");
    Files.move(fleet.home().resolve("nodes").resolve("n2").resolve("pg_wal"), saved);
    for (String folder : List.of("nodes", "consensus", "secrets")) {
      FileTrees.delete(fleet.home().resolve(folder));
    }
    List<String> push = new ArrayList<>(List.of("backup", "push"));
    try (var files = Files.list(saved)) {
      files.filter(Files::isRegularFile).map(Path::toString).sorted().forEach(push::add);
    }
    String told = fleet.run(push.toArray(String[]::new)).out();
    assertThat(told).containsPattern("was there").containsPattern("put up to ");
    fleet.run("backup", "restore").expect(0);
    fleet.up().expect(0);
    fleet.whole();
    assertThat(fleet.sql("select string_agg(number::text, ',' order by number) from noted"))
        .isEqualTo("1,2,3,4,5,6");
  }
}
