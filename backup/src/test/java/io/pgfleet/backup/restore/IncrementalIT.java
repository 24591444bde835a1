package io.pgfleet.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.IncrementalRefusedException;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.base.Taking;
import io.pgfleet.backup.keep.Prior;
import io.pgfleet.backup.keep.Verification;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalArchiver;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.testkit.FreePorts;
import io.pgfleet.testkit.TestFolder;
import io.pgfleet.testkit.TestInstallations;
import io.pgfleet.testkit.TestPostgres;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backups of what was changed, of a real server, and servers that are made of them. */
@Timeout(180)
@Tag("together")
class IncrementalIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Map<String, String> SMALL =
      Map.of(
          "fsync", "off",
          "shared_buffers", "16MB",
          "autovacuum", "off",
          "min_wal_size", "32MB",
          "wal_keep_size", "1GB",
          "wal_init_zero", "off");

  /** What stands in every table, with the size of each. */
  private static final String CONTENT =
      """
      select string_agg(c.relname || ' ' || pg_relation_size(c.oid) || ' '
          || md5(query_to_xml('select * from ' || c.oid::regclass || ' order by 1', true, false, '')
               ::text), E'\\n' order by c.relname)
      from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
      """;

  private static final String CHECK =
      """
      select count(*) from (
        select bt_index_check(c.oid, true) from pg_class c join pg_am a on a.oid = c.relam
        where a.amname = 'btree' and c.relkind = 'i') checked
      """;

  private final TestFolder folder = TestFolder.create();
  private final List<AutoCloseable> opened = new ArrayList<>(List.of(folder));
  private int made;

  @AfterEach
  void clear() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private <T extends AutoCloseable> T keep(T one) {
    opened.addFirst(one);
    return one;
  }

  /** A server and its repository. */
  private final class Source {
    final TestPostgres server;
    final long system;
    final Archive archive;
    final WalArchive wal;

    Source(TestPostgres server) {
      this.server = keep(server);
      this.system = server.server().data().control().systemIdentifier();
      this.archive =
          Archive.open(
              new FolderStore(folder.resolve("repository")),
              new Archive.Owner("shop", "main", system),
              Optional.empty());
      this.wal = new WalArchive(archive, SegmentName.USUAL_SIZE);
    }

    Taking taking() {
      return new Taking(archive, InstantSource.system(), 2, true);
    }

    Manifest full() {
      return taking().take(server.settings("postgres"), "n1", system, _ -> {});
    }

    Manifest incremental(Manifest prior) throws IncrementalRefusedException {
      return taking().incremental(server.settings("postgres"), "n1", system, prior, _ -> {});
    }

    void sql(String... statements) {
      for (String statement : statements) {
        server.sql(statement);
      }
    }

    Restored restored(Manifest begin, RecoveryTarget target) {
      return new Restored(this, RestorePlan.of(List.of(begin), wal, target), target);
    }
  }

  /** A server made from the repository. */
  private final class Restored implements AutoCloseable {
    final Server server;
    final ServerConfig config = ServerConfig.loopback(FreePorts.one()).withUserSettings(SMALL);

    Restored(Source source, RestorePlan plan, RecoveryTarget target) {
      server =
          new Server(
              TestInstallations.embedded(),
              folder.resolve("restored-" + made++),
              TestInstallations.user());
      Restoring restoring = new Restoring(source.archive, source.wal, 2, PATIENCE);
      restoring.unpack(server, plan, _ -> {});
      restoring.recover(server, config, plan, target);
    }

    String sql(String statement) {
      ConnectSettings settings =
          ConnectSettings.of("127.0.0.1", config.port(), "postgres", TestPostgres.USER)
              .withPassword(TestPostgres.PASSWORD);
      try (Connection connection = Connection.open(settings)) {
        return String.valueOf(connection.query(statement).getLast().onlyRow().get(0));
      } catch (IOException | PostgresException e) {
        throw new IllegalStateException(statement, e);
      }
    }

    @Override
    public void close() {
      server.stop(StopMode.IMMEDIATE, Duration.ofSeconds(20));
    }
  }

  private static Map<String, String> summarizing() {
    Map<String, String> settings = new java.util.HashMap<>(SMALL);
    settings.put("summarize_wal", "on");
    return settings;
  }

  private static String rows(int from, int to) {
    return "select i, repeat(md5(i::text), 20) v from generate_series(" + from + ", " + to + ") i";
  }

  @Test
  void aChainIsRestoredFromEachOfItsBackupsAndToAnyMomentBehind() throws Exception {
    Source source = new Source(TestPostgres.start(summarizing()));
    for (String table : List.of("changed", "truncated", "grown", "shrunk", "dropped", "still")) {
      source.sql(
          "create table " + table + " as " + rows(1, 4000), "create index on " + table + " (i)");
    }
    WalArchiver archiver =
        keep(
            new WalArchiver(
                source.wal,
                () -> Optional.of(source.server.settings("postgres")),
                "archive",
                source.system,
                Duration.ofMillis(100)));
    archiver.start();
    Manifest full = source.full();
    String first = source.server.sql(CONTENT);

    source.sql(
        "update changed set v = 'x' where i % 1000 = 7",
        "truncate truncated",
        "insert into grown " + rows(4001, 5000),
        "delete from shrunk where i > 1000",
        "vacuum (truncate) shrunk",
        "drop table dropped",
        "create table added as " + rows(1, 300));
    Manifest second = source.incremental(full);
    String afterSecond = source.server.sql(CONTENT);

    source.sql(
        "insert into truncated " + rows(1, 50),
        "insert into shrunk " + rows(4001, 6000),
        "update changed set v = 'y' where i % 1000 = 8",
        "drop table added",
        "vacuum full grown");
    Manifest third = source.incremental(second);
    String afterThird = source.server.sql(CONTENT);
    assertThat(second.prior()).contains(full.id());
    assertThat(third.id()).contains("-incr-");
    assertThat(second.bytes() - 2L * SegmentName.USUAL_SIZE).isLessThan(full.bytes() / 3);
    assertThat(Prior.of(source.archive, Optional.of(Duration.ofDays(1)), Instant.now()).backup())
        .contains(third);

    source.sql("insert into still values (-1, 'behind')");
    Instant moment = Instant.now();
    Thread.sleep(20);
    source.sql("insert into still values (-2, 'too late')");
    Lsn end = Lsn.parse(source.server.sql("select pg_current_wal_flush_lsn()"));
    while (!archiver.state().end().reaches(end)) {
      Thread.sleep(10);
    }
    archiver.close();
    source.server.kill();

    try (Restored made = source.restored(third, new RecoveryTarget.Time(moment))) {
      assertThat(made.sql("select min(i) from still")).isEqualTo("-1");
    }
    requireSame(source, third, new RecoveryTarget.Position(third.finish()), afterThird);
    requireSame(source, second, new RecoveryTarget.Position(second.finish()), afterSecond);
    requireSame(source, full, new RecoveryTarget.Position(full.finish()), first);
    requireChainsAreTold(source, full, second, third);
  }

  private void requireSame(Source source, Manifest begin, RecoveryTarget target, String content) {
    try (Restored made = source.restored(begin, target)) {
      assertThat(made.sql(CONTENT)).as(begin.id()).isEqualTo(content);
      made.sql("create extension if not exists amcheck; select 1");
      assertThat(Integer.parseInt(made.sql(CHECK))).isPositive();
      made.server.stop(StopMode.FAST, Duration.ofSeconds(20));
      made.server.configure(made.config);
      made.server.start(PATIENCE);
      assertThat(made.sql("select pg_is_in_recovery()")).isEqualTo("f");
    }
  }

  private void requireChainsAreTold(Source source, Manifest full, Manifest second, Manifest third)
      throws IOException {
    Verification verification = new Verification(source.archive);
    assertThat(verification.run(_ -> {}).findings()).isEmpty();
    Path pack =
        folder
            .resolve("repository/shop/main/" + Long.toUnsignedString(source.system))
            .resolve(Manifest.pack(full.id(), 0));
    byte[] whole = Files.readAllBytes(pack);
    byte[] flipped = whole.clone();
    flipped[flipped.length / 2] ^= 1;
    Files.write(pack, flipped);
    assertThat(verification.run(_ -> {}).findings())
        .extracting(finding -> finding.backup().orElseThrow())
        .containsExactly(full.id(), second.id(), third.id());
    Files.write(pack, whole);
    new Backups(source.archive).delete(second.id());
    assertThat(verification.run(_ -> {}).findings())
        .extracting(Verification.Finding::message)
        .singleElement()
        .asString()
        .contains("It rests on backup " + second.id() + ", which is not there.");
    assertThatThrownBy(() -> source.restored(third, new RecoveryTarget.Latest()))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("rests on a backup that is not in the repository");
  }

  @Test
  void aServerThatDoesNotKnowWhatWasChangedRefusesAndNothingIsLeft() throws Exception {
    Source source = new Source(TestPostgres.start(SMALL));
    Manifest full = source.full();
    assertThatThrownBy(() -> source.incremental(full))
        .isInstanceOf(IncrementalRefusedException.class)
        .hasMessageContaining("WAL summarization is enabled");
    assertThat(source.archive.list("backups"))
        .allMatch(object -> object.name().contains(full.id()));
    String last = Manifest.pack(full.id(), full.packs().size() - 1);
    byte[] packed = source.archive.get(last);
    source.archive.put(last, new byte[packed.length]);
    source.sql("alter system set summarize_wal = on", "select pg_reload_conf()");
    assertThatThrownBy(() -> source.incremental(full))
        .isInstanceOf(IncrementalRefusedException.class)
        .hasMessageContaining("is not the one that was put there");
    source.sql("alter system set summarize_wal = off", "select pg_reload_conf()");
    // It begins to note it, and does not know what was before.
    source.sql("select pg_switch_wal()");
    source.sql("alter system set summarize_wal = on", "select pg_reload_conf()");
    Manifest again = source.full();
    assertThat(source.incremental(again).prior()).contains(again.id());
  }

  @Test
  void anOldServerSaysThatItTakesNone() {
    TestInstallations.installed()
        .filter(found -> found.majorVersion() < 17)
        .ifPresent(found -> {
          Source source = new Source(TestPostgres.start(found, SMALL));
          Manifest full = source.full();
          assertThatThrownBy(() -> source.incremental(full))
              .isInstanceOf(IncrementalRefusedException.class)
              .hasMessageContaining("was not kept with backup");
        });
  }
}
