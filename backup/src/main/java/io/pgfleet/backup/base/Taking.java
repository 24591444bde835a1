package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.InterruptWatch;
import io.pgfleet.backup.SourceServer;
import io.pgfleet.backup.base.Manifest.Resumed;
import io.pgfleet.backup.base.Packing.Packed;
import io.pgfleet.postgres.backup.BackupMeter;
import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.postgres.backup.BaseBackup;
import io.pgfleet.postgres.backup.TablespaceException;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a base backup of a server, primary or standby, into an archive. The WAL that makes it
 * consistent comes along, so that it can be restored to the moment of its end whatever else is
 * missing.
 *
 * <p>One that broke off is gone on with by the next of its kind: the server is read again, and what
 * is in the repository already is not put again.
 *
 * @param threads that compress and put
 * @param fast whether the server shall take its checkpoint at once
 */
public record Taking(
    Archive archive, InstantSource clock, int threads, boolean fast, Patience patience) {
  private static final Logger log = LoggerFactory.getLogger(Taking.class);
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** The server may have to write a large checkpoint before it answers. */
  private static final Duration SILENCE = Duration.ofMinutes(15);

  private static final int LONGEST_MESSAGE = 16 * 1024 * 1024;
  private static final Pattern MAJOR = Pattern.compile("[0-9]{1,4}");

  /** The same with the usual patience. */
  public Taking(Archive archive, InstantSource clock, int threads, boolean fast) {
    this(archive, clock, threads, fast, Patience.USUAL);
  }

  /**
   * Takes a full one. If the thread is interrupted it ends within a moment, and the thread stays
   * so.
   *
   * @param source a role that may replicate
   * @param node its name, for the manifest
   * @param system the identifier that the server must have
   * @param progress told about ten times a second, on the calling thread
   * @throws BackupException if anything broke off; there is no such backup then. What was put of it
   *     is left for the next attempt if the server or the store was the reason, else it is deleted
   */
  public Manifest take(
      ConnectSettings source, String node, long system, Consumer<BackupProgress> progress) {
    try {
      return take(source, origin(node, system, Optional.empty()), progress);
    } catch (IncrementalRefusedException e) {
      throw new IllegalStateException(e); // nobody asked for one
    }
  }

  /**
   * Takes an incremental one, in the same way.
   *
   * @param prior the backup that it is based on, of the same archive
   * @throws IncrementalRefusedException if the server can't base one on that; nothing was put then
   */
  public Manifest incremental(
      ConnectSettings source,
      String node,
      long system,
      Manifest prior,
      Consumer<BackupProgress> progress)
      throws IncrementalRefusedException {
    if (!ServerManifest.isIn(prior)) {
      throw new IncrementalRefusedException(
          "the server's own manifest was not kept with backup " + prior.id());
    }
    return take(source, origin(node, system, Optional.of(prior)), progress);
  }

  /** What is known before anything was taken. */
  private record Origin(Instant began, String node, long system, Optional<Manifest> prior) {
    Optional<String> priorId() {
      return prior.map(Manifest::id);
    }
  }

  private Origin origin(String node, long system, Optional<Manifest> prior) {
    return new Origin(clock.instant(), node, system, prior);
  }

  private Manifest take(ConnectSettings source, Origin origin, Consumer<BackupProgress> progress)
      throws IncrementalRefusedException {
    BackupMeter meter = new BackupMeter(progress);
    Resumption begin = begin(place(source), origin);
    Journaling journal = new Journaling(archive, clock, begin, origin.priorId());
    Manifest manifest;
    try (journal) {
      manifest = packed(source, origin, begin, journal, meter);
    } catch (BackupException e) {
      throw left(journal, e);
    } catch (IncrementalRefusedException | RuntimeException | Error e) {
      journal.withdraw(e);
      throw e;
    }
    meter.report();
    return manifest;
  }

  /** What there is already; nothing of a backup with a new name, in most cases. */
  private Resumption begin(String place, Origin origin) {
    try {
      Optional<Resumption> found =
          new Unfinished(archive, clock, patience.silence()).takeOver(origin.priorId());
      found.ifPresent(begin ->
          log.info(
              "base backup {} broke off before, and is gone on with: {} packs of it are there",
              begin.attempt().id(),
              begin.packs().size()));
      return found.orElseGet(
          () -> Resumption.none(Backups.name(origin.began(), origin.prior().isPresent())));
    } catch (InterruptedException e) {
      IOException interrupted = Packing.interrupted(e);
      throw brokeOff(place, String.valueOf(interrupted.getMessage()), interrupted);
    }
  }

  /** What is told of a backup that broke off, when it is decided what becomes of its rest. */
  private static BackupException left(Journaling journal, BackupException why) {
    boolean again = why.kind() == Kind.STORE || why.kind() == Kind.SERVER;
    // WAL has no room either, and needs it more.
    if (!again || FileTrees.saysDiskFull(why.getMessage())) {
      journal.withdraw(why);
      return why;
    }
    if (!journal.keep(why)) {
      return why;
    }
    return new BackupException(
        why.kind(), why.getMessage(), why.hint() + " The next one goes on with what was put.", why);
  }

  private static String place(ConnectSettings source) {
    return source.host() + ":" + source.port();
  }

  private Manifest packed(
      ConnectSettings source,
      Origin origin,
      Resumption begin,
      Journaling journal,
      BackupMeter meter)
      throws IncrementalRefusedException {
    String place = place(source);
    ConnectSettings settings =
        source
            .withReplication(true)
            .withTimeouts(CONNECT, SILENCE)
            .withMaxMessageLength(LONGEST_MESSAGE);
    Outage outage = new Outage(patience.away());
    PackDesk desk = new PackDesk(begin, outage, journal::add);
    try (Connection connection = Connection.open(settings);
        InterruptWatch _ = new InterruptWatch(connection);
        Packing packing = new Packing(archive, desk, outage, threads)) {
      SourceServer server = SourceServer.of(connection);
      server.requireSystem(origin.system(), place);
      SourceServer.keepWal(connection)
          .ifPresent(
              why -> log.warn("{} may recycle WAL that the backup needs: {}", origin.node(), why));
      journal.start(patience.journal());
      String id = begin.attempt().id();
      BaseBackup.Taken taken = files(connection, id, origin, packing, meter);
      Packed packed = packing.end();
      journal.close();
      Optional<Resumed> resumed =
          begin.attempt().isFirst()
              ? Optional.empty()
              : Optional.of(new Resumed(desk.carried(), packed.names()));
      Manifest manifest =
          new Manifest(
              Manifest.format(origin.prior().isPresent(), resumed.isPresent()),
              id,
              origin.system(),
              version(connection),
              origin.node(),
              taken.timeline(),
              taken.start(),
              taken.finish(),
              taken.finishTimeline(),
              origin.began(),
              clock.instant(),
              packed.bytes(),
              packed.stored(),
              packed.folders(),
              packed.files(),
              packed.packs(),
              server.segment(),
              packed.checksums(),
              origin.priorId(),
              resumed);
      complete(manifest, outage, journal);
      return manifest;
    } catch (TablespaceException e) {
      throw new BackupException(
          Kind.SERVER,
          "The server at "
              + place
              + " has a tablespace outside its data folder ("
              + e.getMessage()
              + "), which can't be backed up yet.",
          "Move its tables into pg_default and drop the tablespace.",
          e);
    } catch (PostgresException e) {
      throw brokeOff(place, e.report().message(), e);
    } catch (IOException e) {
      throw brokeOff(place, String.valueOf(e.getMessage()), e);
    }
  }

  private static String version(Connection connection) {
    return connection.parameters().getOrDefault("server_version", "");
  }

  private void complete(Manifest manifest, Outage outage, Journaling journal) {
    Supplier<Manifest> complete =
        () -> {
          new Backups(archive).complete(manifest, !journal.isKnown());
          return manifest;
        };
    outage.bridged(complete, complete);
    manifest
        .resumed()
        .ifPresent(resumed ->
            log.info(
                "base backup {} went on with what was there: {} of {} packs were not put again",
                manifest.id(),
                resumed.carried(),
                manifest.packs().size()));
  }

  /** The server's manifest is kept where a later backup may be based on this one. */
  private BaseBackup.Taken files(
      Connection connection, String id, Origin origin, Packing packing, BackupMeter meter)
      throws IOException, PostgresException, IncrementalRefusedException {
    String version = version(connection);
    boolean incremental = origin.prior().isPresent();
    boolean able = major(version) >= BaseBackup.FIRST_INCREMENTAL;
    BaseBackup command = new BaseBackup("pgfleet " + id, true, able, fast, incremental);
    ServerManifest files = new ServerManifest(packing);
    BaseBackup.Taken taken;
    try {
      if (incremental) {
        requireAble(connection, version);
        BaseBackup.upload(connection, manifestOf(origin.prior().orElseThrow()));
      }
      taken = command.take(connection, files, meter);
    } catch (PostgresException e) {
      if (incremental && !files.begun()) {
        throw new IncrementalRefusedException(e.report().message(), e);
      }
      throw e;
    }
    files.end();
    return taken;
  }

  /** One that is damaged keeps nobody from taking a full backup. */
  private InputStream manifestOf(Manifest prior) throws IncrementalRefusedException {
    try {
      return ServerManifest.of(archive, prior);
    } catch (BackupException e) {
      if (e.kind() != Kind.DAMAGED && e.kind() != Kind.MISSING) {
        throw e;
      }
      throw new IncrementalRefusedException(e.getMessage(), e);
    }
  }

  private static int major(String version) {
    Matcher digits = MAJOR.matcher(version);
    return digits.lookingAt() ? Integer.parseInt(digits.group()) : 0;
  }

  private static void requireAble(Connection connection, String version)
      throws IOException, PostgresException, IncrementalRefusedException {
    if (major(version) < BaseBackup.FIRST_INCREMENTAL) {
      throw new IncrementalRefusedException(
          "PostgreSQL "
              + version
              + " takes none; "
              + BaseBackup.FIRST_INCREMENTAL
              + " and newer do");
    }
    String block = String.valueOf(connection.query("SHOW block_size").getFirst().single());
    String file = String.valueOf(connection.query("SHOW segment_size").getFirst().single());
    if (!block.equals(Integer.toString(ChangedBlocks.BLOCK)) || !file.equals("1GB")) {
      throw new IncrementalRefusedException(
          "PostgreSQL was built with blocks of " + block + " bytes in files of " + file);
    }
  }

  private static BackupException brokeOff(String place, String why, Exception cause) {
    return Thread.currentThread().isInterrupted()
        ? new BackupException(
            Kind.SERVER,
            "The backup of the server at " + place + " was interrupted.",
            "There is no such backup; take another.",
            cause)
        : new BackupException(
            Kind.SERVER,
            "The backup of the server at " + place + " broke off: " + why + ".",
            "See that the server is up and lets pgfleet replicate, then try again.",
            cause);
  }
}
