package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServer.Way;
import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.postgres.backup.ReplicationSlots;
import io.pgfleet.postgres.backup.StandbyClone;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A standby's data against a primary's: how far they agree, and how to make them agree. */
final class StandbyData {
  private static final Logger log = LoggerFactory.getLogger(StandbyData.class);
  private static final long MEGABYTE = 1_000_000;
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration CHECKPOINT_LIMIT = Duration.ofMinutes(30);
  private static final Duration REWIND_LIMIT = Duration.ofHours(1);

  /**
   * By the names of WAL files without their timelines (PostgreSQL manual, 'WAL Internals');
   * pg_walfile_name() would tell, but not on a standby.
   */
  private static final String KEEPS_WAL =
      """
      with needed as (
        select pg_wal_lsn_diff($1::pg_lsn, '0/0') as lsn,
               (select setting::numeric from pg_settings where name = 'wal_segment_size') as segment)
      select min(substr(file.name, 9)) <= min(
               lpad(upper(to_hex(div(lsn, 4294967296)::bigint)), 8, '0')
               || lpad(upper(to_hex(div(mod(lsn, 4294967296), segment)::bigint)), 8, '0'))
      from needed, pg_ls_waldir() file where file.name ~ '^[0-9A-F]{24}$'
      """;

  private final NodePlace place;
  private final Server server;
  private final Path incomplete;

  StandbyData(NodePlace place) {
    this.place = place;
    this.server = place.server();
    this.incomplete = FileTrees.sibling(server.data().path(), ".incomplete");
  }

  /** Whether the data was being rewound when something ended that; then it is good for nothing. */
  boolean incomplete() {
    return Files.exists(incomplete);
  }

  void complete() throws NodeServerException {
    try {
      Files.deleteIfExists(incomplete);
    } catch (IOException e) {
      throw new NodeServerException("can't delete " + incomplete + ": " + e.getMessage(), e);
    }
  }

  private void begin() throws NodeServerException {
    try {
      Files.createDirectories(incomplete.toAbsolutePath().getParent());
      FileTrees.replace(incomplete, "", null);
    } catch (IOException e) {
      throw new NodeServerException("can't write " + incomplete + ": " + e.getMessage(), e);
    }
  }

  private ConnectSettings at(Member server) {
    return ConnectSettings.of(server.host(), server.port(), "postgres", Accounts.REPLICATION)
        .withPassword(place.wanted().accounts().replicationPassword())
        .withEncryption(place.encryption())
        .withTimeouts(CONNECT, Duration.ofSeconds(10));
  }

  /**
   * Compares by evidence alone: timelines, positions, and whether the WAL between is still there.
   */
  Way compare(LocalServer.Standby here, Member primary, Member source) throws NodeServerException {
    try (LocalSession walsender = new LocalSession(at(primary).withReplication(true));
        LocalSession session = new LocalSession(at(source))) {
      Row self = walsender.run("IDENTIFY_SYSTEM").getLast().onlyRow();
      if (Long.parseUnsignedLong(self.required("systemid")) != here.systemIdentifier()) {
        throw new NodeServerException(primary.node() + " serves another cluster");
      }
      int timeline = Integer.parseInt(self.required("timeline"));
      TimelineHistory history = TimelineHistory.first();
      if (timeline > 1) {
        Row row = walsender.run("TIMELINE_HISTORY " + timeline).getLast().onlyRow();
        history = TimelineHistory.parse(timeline, row.required("content"));
      }
      Way way =
          history.wayFor(here.timeline(), here.flushed(), Lsn.parse(self.required("xlogpos")));
      if (!(way instanceof Way.GoOn) || keepsWal(session, here)) {
        return way;
      }
      String why = source.node() + " no longer has the WAL after " + here.flushed();
      if (!source.node().equals(primary.node())) {
        // The primary may have it.
        throw new NodeServerException(why);
      }
      return new Way.MakeAnew(why);
    }
  }

  /** Whether a server still has the segment that the standby needs next. */
  private static boolean keepsWal(LocalSession session, LocalServer.Standby here)
      throws NodeServerException {
    return "t".equals(session.run(KEEPS_WAL, here.flushed().toString()).single());
  }

  /**
   * Brings the primary's control file to its new timeline. Until its first checkpoint after a
   * promotion it names the old one, and pg_rewind before PostgreSQL 16 then finds nothing to do.
   */
  private void checkpoint(Member primary) throws NodeServerException {
    try (LocalSession session =
        new LocalSession(at(primary).withTimeouts(CONNECT, CHECKPOINT_LIMIT))) {
      session.run("checkpoint");
    }
  }

  /** Runs pg_rewind; false if there is none or it could not. */
  boolean rewind(Member primary, Consumer<String> progress) throws NodeServerException {
    if (!server.installation().has("pg_rewind")) {
      log.info("{} has no pg_rewind and is made anew", place.node().name());
      return false;
    }
    progress.accept("rewinding to " + primary.node());
    checkpoint(primary);
    begin();
    Path passwords = FileTrees.sibling(server.data().path(), ".rewind.pgpass");
    try {
      FileTrees.replace(
          passwords,
          "*:*:*:"
              + Accounts.REPLICATION
              + ":"
              + place.wanted().accounts().replicationPassword()
              + "\n",
          server.user());
      String source =
          "host=%s port=%d user=%s dbname=postgres passfile='%s' gssencmode=disable%s"
              .formatted(
                  primary.host(),
                  primary.port(),
                  Accounts.REPLICATION,
                  passwords,
                  place.tls().isPresent() ? server.tlsWords() : "");
      Commands.Result result =
          Commands.run(
              server
                  .user()
                  .command(
                      List.of(
                          server.installation().program("pg_rewind").toString(),
                          "--target-pgdata=" + server.data().path(),
                          "--source-server=" + source)),
              REWIND_LIMIT);
      if (result.status() == 0) {
        return true;
      }
      log.warn("{}: pg_rewind failed: {}", place.node().name(), result.output().strip());
      return false;
    } catch (IOException e) {
      throw new NodeServerException("pg_rewind could not run: " + e.getMessage(), e);
    } finally {
      try {
        Files.deleteIfExists(passwords);
      } catch (IOException e) {
        log.warn("can't delete {}", passwords, e);
      }
    }
  }

  /**
   * Replaces the data by a copy of a server's. What was there is kept aside until the copy is
   * whole, unless the disk has no room for both.
   */
  void copyFrom(Member source, long systemIdentifier, Consumer<String> progress)
      throws NodeServerException {
    Path folder = server.data().path();
    Path aside = FileTrees.sibling(folder, ".replaced");
    try {
      if (Files.exists(folder)) {
        FileTrees.delete(aside);
        Files.move(folder, aside);
      }
      complete();
      if (place.origin().isEmpty() || !fromOrigin(source, systemIdentifier, progress)) {
        new StandbyClone(
                at(source), server.user(), Optional.of(slot()), OptionalLong.of(systemIdentifier))
            .into(folder, done -> progress.accept(words(source, done)));
      }
      FileTrees.delete(aside);
    } catch (ServerException e) {
      if (e.kind() == ServerException.Kind.DISK_FULL && Files.exists(aside)) {
        log.warn("{}: no room for two copies, so the old data goes first", place.node().name());
        delete(aside);
      }
      throw e;
    } catch (IOException e) {
      throw new NodeServerException("the old data can't be moved: " + e.getMessage(), e);
    }
  }

  private String slot() {
    return PrimaryDesk.slotOf(place.node().name());
  }

  /** Whether there is data now: what can't be had there is copied from a server. */
  private boolean fromOrigin(Member source, long systemIdentifier, Consumer<String> progress)
      throws NodeServerException {
    StandbyOrigin.Line line;
    Lsn kept;
    try (Connection connection = Connection.open(at(source).withReplication(true))) {
      Row self = connection.query("IDENTIFY_SYSTEM").getLast().onlyRow();
      if (Long.parseUnsignedLong(self.required("systemid")) != systemIdentifier) {
        throw new NodeServerException(source.node() + " serves another cluster");
      }
      // Before it is looked what is there, so that what is not there yet is kept.
      ReplicationSlots.ensurePhysical(connection, slot());
      Row reserved = connection.query("READ_REPLICATION_SLOT " + slot()).getLast().onlyRow();
      kept = Lsn.parse(reserved.required("restart_lsn"));
      line = new StandbyOrigin.Line(systemIdentifier, Integer.parseInt(self.required("timeline")));
    } catch (IOException e) {
      throw new NodeServerException(source.node() + " can't be asked: " + e.getMessage(), e);
    } catch (PostgresException e) {
      throw new NodeServerException(source.node() + ": " + e.report().message(), e);
    }
    return fromOrigin(source, line, kept, progress);
  }

  /** In a folder of its own: it is not a standby's before it is whole. */
  private boolean fromOrigin(
      Member source, StandbyOrigin.Line line, Lsn kept, Consumer<String> progress)
      throws NodeServerException {
    Path folder = server.data().path();
    Path making = FileTrees.sibling(folder, ".making");
    Server made = new Server(server.installation(), making, server.user());
    made.stop(StopMode.IMMEDIATE, CONNECT); // of an agent that was killed
    delete(making);
    Optional<String> obstacle = place.origin().orElseThrow().make(made, line, kept, progress);
    if (obstacle.isPresent()) {
      log.warn("{} is copied from {}: {}", place.node().name(), source.node(), obstacle.get());
      return false;
    }
    try {
      Files.move(making, folder, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (IOException e) {
      throw new NodeServerException("the new data can't be moved: " + e.getMessage(), e);
    }
  }

  private static void delete(Path folder) throws NodeServerException {
    try {
      FileTrees.delete(folder);
    } catch (IOException e) {
      throw new NodeServerException("can't delete " + folder + ": " + e.getMessage(), e);
    }
  }

  private static String words(Member source, BackupProgress done) {
    return "copying %s: %d of %d MB (%d %%), %d MB/s"
        .formatted(
            source.node(),
            done.bytes() / MEGABYTE,
            done.estimatedBytes() / MEGABYTE,
            Math.round(done.share() * 100),
            done.rate() / MEGABYTE);
  }
}
