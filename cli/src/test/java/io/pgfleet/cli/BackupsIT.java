package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.wire.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A fleet that is lost as a whole and made again from its repository by the commands of a user. */
@Tag("together")
class BackupsIT {
  private static final Pattern ARCHIVED = Pattern.compile("\"end\":\"([0-9A-F/]+)\"");

  private static final String NEW_KEY = "6d".repeat(32);

  private static FleetProcess fleet() throws IOException {
    return fleet("");
  }

  private static FleetProcess fleet(String more) throws IOException {
    FleetProcess fleet =
        new FleetProcess(
            """
            users: { app: }
            databases: { app: { owner: app }, other: { owner: app } }
            backup:
              key: { file: backup.key }
              wal_interval: 200ms
              repositories:
                near: { folder: repository, keep: { backups: 2 }%s }
            """
                .formatted(more));
    Files.writeString(fleet.file().resolveSibling("backup.key"), "5c".repeat(32));
    return fleet;
  }

  /** A row that was acknowledged, and where WAL ended then. */
  private record Row(int number, Lsn position) {}

  /** Inserts rows straight into the primary until it is gone. */
  private static final class Writer implements AutoCloseable {
    final List<Row> acknowledged = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Connection connection;
    private final Thread thread;

    Writer(String jdbc) throws SQLException {
      connection = DriverManager.getConnection(jdbc);
      try (Statement statement = connection.createStatement()) {
        statement.execute("create table noted (number int primary key)");
      }
      thread = Thread.ofPlatform().daemon().start(this::work);
    }

    private void work() {
      try (Statement statement = connection.createStatement()) {
        for (int number = 1; !over.get(); number++) {
          statement.execute("insert into noted values (" + number + ")");
          try (ResultSet end = statement.executeQuery("select pg_current_wal_flush_lsn()")) {
            end.next();
            acknowledged.add(new Row(number, Lsn.parse(end.getString(1))));
          }
        }
      } catch (SQLException e) {
        // The server is gone.
      }
    }

    @Override
    public void close() throws SQLException {
      over.set(true);
      connection.close();
    }
  }

  /** One that writes straight to the first primary. */
  private static Writer writer(FleetProcess fleet) throws Exception {
    String url = fleet.run("url", "--jdbc").expect(0).out().lines().findFirst().orElseThrow();
    return new Writer(url.replace(":" + fleet.gatewayPort() + "/", ":" + fleet.nodePort(1) + "/"));
  }

  private static Lsn archived(FleetProcess fleet) throws Exception {
    Matcher end = ARCHIVED.matcher(fleet.run("status", "--json").out());
    return end.find() ? Lsn.parse(end.group(1)) : Lsn.ZERO;
  }

  private static void awaitArchived(FleetProcess fleet, Lsn position) throws Exception {
    for (int i = 0; i < 120 && !archived(fleet).reaches(position); i++) {
      Thread.sleep(250);
    }
    assertThat(archived(fleet).reaches(position)).isTrue();
  }

  private static void awaitStatus(FleetProcess fleet, String words) throws Exception {
    for (int i = 0; i < 120 && !fleet.whole().out().contains(words); i++) {
      Thread.sleep(250);
    }
    assertThat(fleet.whole().out()).contains(words);
  }

  private static Lsn position(FleetProcess fleet) throws Exception {
    // A read that a standby could not answer.
    return Lsn.parse(fleet.sql("begin; select pg_current_wal_insert_lsn(); commit"));
  }

  private static void awaitBackup(FleetProcess fleet) throws Exception {
    for (int i = 0; i < 240 && !fleet.run("backup", "list").out().contains("-full-"); i++) {
      Thread.sleep(250);
    }
    assertThat(fleet.run("backup", "list").expect(0).out())
        .containsPattern("-full-\\S+ +\\S+Z +n[23] ");
  }

  /** Every process of the fleet, at once. */
  private static void loseAll(FleetProcess fleet) throws Exception {
    List<Long> pids = new ArrayList<>(List.of(fleet.programPid()));
    for (int node = 1; node <= 3; node++) {
      pids.addAll(fleet.processesOf(node));
    }
    FleetProcess.kill(pids);
  }

  private static void deleteData(FleetProcess fleet) throws IOException {
    for (String folder : List.of("nodes", "consensus", "secrets")) {
      FileTrees.delete(fleet.home().resolve(folder));
    }
  }

  @Test
  void aFleetWhoseServersAreAllLostIsMadeAgainAndGoesOn() throws Exception {
    try (FleetProcess fleet = fleet()) {
      fleet.up().expect(0);
      awaitBackup(fleet);
      Lsn confirmed;
      List<Row> acknowledged;
      try (Writer writer = writer(fleet)) {
        Thread.sleep(3000);
        assertThat(fleet.run("backup", "create").expect(0).out())
            .containsPattern("near: backup \\S+-incr-\\S+ of n[123], ");
        confirmed = archived(fleet);
        loseAll(fleet);
        writer.thread.join();
        acknowledged = List.copyOf(writer.acknowledged);
      }
      deleteData(fleet);
      assertThat(fleet.run("backup", "verify").expect(0).out())
          .contains("all as they were written");

      assertThat(fleet.run("backup", "show").expect(0).out())
          .containsPattern("rests on +\\S+-full-");
      assertThat(fleet.run("backup", "restore").expect(0).out())
          .contains("-incr-", "restored into");
      fleet.up().expect(0);
      awaitStatus(fleet, "backup near  base backup");
      long promised =
          acknowledged.stream().filter(row -> confirmed.reaches(row.position())).count();
      assertThat(promised).isPositive();
      int there = Integer.parseInt(fleet.sql("select count(*) from noted"));
      assertThat(fleet.sql("select max(number) from noted")).isEqualTo(Integer.toString(there));
      assertThat(there).isGreaterThanOrEqualTo((int) promised);

      // The archive goes on where it was, over a change of the primary, too.
      fleet.sql("insert into noted values (-1)");
      fleet.run("backup", "mark", "before_drop").expect(0);
      fleet.run("switchover").expect(0);
      fleet.sql("drop table noted");
      awaitArchived(fleet, position(fleet));
      assertThat(fleet.run("backup", "restore", "--to", "mark:before_drop").expect(1).err())
          .contains("is running", "pgfleet down");
      fleet.run("down").expect(0);
      assertThat(fleet.run("backup", "restore", "--to", "mark:before_drop").expect(2).err())
          .contains("there is data already", "--in-place");
      assertThat(
              fleet
                  .run(
                      "backup",
                      "restore",
                      "--to",
                      "mark:before_drop",
                      "--in-place",
                      "--yes",
                      "--database",
                      "app")
                  .expect(0)
                  .out())
          .contains("before-restore-", "dropping database other");
      fleet.up().expect(0);
      fleet.whole();
      assertThat(fleet.sql("select count(*) from noted")).isEqualTo(Integer.toString(there + 1));
    }
  }

  @Test
  void withASynchronousRepositoryNothingAcknowledgedIsLostWithAllServers() throws Exception {
    try (FleetProcess fleet = fleet(", synchronous: true")) {
      fleet.up().expect(0);
      awaitBackup(fleet);
      awaitWaiting(fleet, true);
      List<Row> acknowledged;
      try (Writer writer = writer(fleet)) {
        for (int i = 0; i < 240 && (i < 8 || writer.acknowledged.size() < 20); i++) {
          Thread.sleep(250);
        }
        loseAll(fleet);
        writer.thread.join();
        acknowledged = List.copyOf(writer.acknowledged);
      }
      assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(20);
      deleteData(fleet);
      fleet.run("backup", "restore").expect(0);
      fleet.up().expect(0);
      assertThat(Integer.parseInt(fleet.sql("select count(*) from noted")))
          .isGreaterThanOrEqualTo(acknowledged.size());
      awaitWaiting(fleet, true);

      // A repository that is away holds commits up for ten seconds, not for ever.
      Path repository = fleet.file().resolveSibling("repository");
      Path away = fleet.file().resolveSibling("away");
      Files.move(repository, away);
      Files.writeString(repository, "no folder");
      fleet.sql("insert into noted values (-1)");
      awaitWaiting(fleet, false);
      Files.delete(repository);
      Files.move(away, repository);
      awaitWaiting(fleet, true);
      fleet.sql("insert into noted values (-2)");
    }
  }

  /** Whether commits wait for the repository, beside as many nodes as without it. */
  private static void awaitWaiting(FleetProcess fleet, boolean expected) throws Exception {
    String form = expected ? "FIRST 2 (\"pgfleet archive near\", " : "ANY 1 (";
    String names = "";
    for (int i = 0; i < 240 && !names.startsWith(form); i++) {
      Thread.sleep(250);
      names = fleet.sql("begin; show synchronous_standby_names; commit");
    }
    assertThat(names).startsWith(form);
  }

  @Test
  void whatCantBeRestoredIsToldBeforeAnythingIsChanged() throws Exception {
    try (FleetProcess fleet = fleet()) {
      fleet.up().expect(0);
      awaitBackup(fleet);
      fleet.sql("create table t as select 1 i");
      exportAndImport(fleet);
      changeKey(fleet);
      awaitArchived(fleet, position(fleet));
      fleet.run("down").expect(0);
      deleteData(fleet);
      Path key = fleet.file().resolveSibling("backup.key");

      refused(fleet, "2020-01-01T00:00:00Z", "was whole at");
      refused(fleet, "lsn:FF/0", "The WAL in the repository ends at");
      assertThat(fleet.run("backup", "restore", "--to", "2999-01-01T00:00:00Z").expect(2).err())
          .contains("still to come");
      assertThat(fleet.run("backup", "restore", "--to", "someday").expect(2).err())
          .contains("'someday' is no moment to restore to");
      Files.writeString(key, "77".repeat(32));
      refused(fleet, "latest", "key");
      Files.delete(key);
      refused(fleet, "latest", "can't be read from");
      Files.writeString(key, NEW_KEY);

      assertThat(fleet.run("backup", "drill").expect(0).out())
          .contains("passed: ", "database app")
          .containsPattern("page checksums +ok")
          .doesNotContain("FAILED");
      Path pack;
      try (Stream<Path> all = Files.walk(fleet.file().resolveSibling("repository"))) {
        pack = all.filter(file -> file.endsWith("data/00000000")).findFirst().orElseThrow();
      }
      byte[] whole = Files.readAllBytes(pack);
      byte[] flipped = whole.clone();
      flipped[whole.length / 2] ^= 4;
      Files.write(pack, flipped);
      assertThat(fleet.run("backup", "verify").expect(1).out())
          .contains("is damaged", "can't be restored");
      refused(fleet, "latest", "is damaged");
      assertThat(fleet.run("backup", "drill").expect(1).out()).contains("FAILED", "is damaged");
      assertThat(fleet.run("backup", "drill", "--history").expect(0).out())
          .contains("passed", "FAILED");
      assertThat(fleet.home().resolve("drills")).isEmptyDirectory();
      Files.write(pack, whole);
      fleet.run("backup", "restore").expect(0);
      assertThat(
              Files.readString(fleet.home().resolve("nodes/n1/PG_VERSION"), StandardCharsets.UTF_8))
          .isNotBlank();
    }
  }

  private static void exportAndImport(FleetProcess fleet) throws Exception {
    String folder = fleet.file().resolveSibling("exported").toString();
    assertThat(fleet.run("backup", "export", "--compress", "zstd", folder).expect(0).out())
        .containsPattern("public.t: 1 rows, .*\n.* of database app on n[23] as of ");
    assertThat(fleet.run("backup", "import", folder).expect(1).err())
        .contains("Table public.t of database app has rows", "--truncate")
        .doesNotContain("Exception");
    assertThat(fleet.run("backup", "import", "--truncate", folder).expect(0).out())
        .contains("1 tables, 1 rows loaded into database app");
    assertThat(fleet.sql("select count(*) from t")).isEqualTo("1");
  }

  /** While the agents archive, who find the new key where the old one was. */
  private static void changeKey(FleetProcess fleet) throws Exception {
    Path key = fleet.file().resolveSibling("backup.key");
    Path next = Files.writeString(key.resolveSibling("next.key"), NEW_KEY);
    for (String words : List.of("opens with the key from", "opened with the key from")) {
      assertThat(fleet.run("backup", "rotate-key", "--new-key", "file:" + next).expect(0).out())
          .contains("near: " + words + " " + next, "now put the new key");
    }
    assertThat(fleet.run("backup", "check").expect(1).out())
        .contains("The key from " + key + " does not open this repository");
    Files.move(next, key, StandardCopyOption.REPLACE_EXISTING);
    fleet.run("backup", "create").expect(0);
    awaitStatus(fleet, "backup near  base backup");
  }

  private static void refused(FleetProcess fleet, String to, String why) throws Exception {
    assertThat(fleet.run("backup", "restore", "--to", to).expect(1).err())
        .contains(why, "hint: ")
        .doesNotContain("Exception");
    assertThat(fleet.home().resolve("nodes/n1")).doesNotExist();
  }
}
