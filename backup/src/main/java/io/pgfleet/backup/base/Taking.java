package io.pgfleet.backup.base;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.InterruptWatch;
import io.pgfleet.backup.SourceServer;
import io.pgfleet.backup.base.Packing.Packed;
import io.pgfleet.postgres.backup.BackupMeter;
import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.postgres.backup.BaseBackup;
import io.pgfleet.postgres.backup.TablespaceException;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes a base backup of a server, primary or standby, into an archive. The WAL that makes it
 * consistent comes along, so that it can be restored to the moment of its end whatever else is
 * missing.
 *
 * @param threads that compress and put
 * @param fast whether the server shall take its checkpoint at once
 */
public record Taking(Archive archive, InstantSource clock, int threads, boolean fast) {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** The server may have to write a large checkpoint before it answers. */
  private static final Duration SILENCE = Duration.ofMinutes(15);

  private static final int LONGEST_MESSAGE = 16 * 1024 * 1024;
  private static final Pattern MAJOR = Pattern.compile("[0-9]{1,4}");

  /**
   * Takes a full one. If the thread is interrupted it ends within a moment, and the thread stays
   * so.
   *
   * @param source a role that may replicate
   * @param node its name, for the manifest
   * @param system the identifier that the server must have
   * @param progress told about ten times a second, on the calling thread
   * @throws BackupException if anything broke off; there is no such backup then, and what was put
   *     of it is deleted
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
  private record Origin(
      String id, Instant began, String node, long system, Optional<Manifest> prior) {}

  private Origin origin(String node, long system, Optional<Manifest> prior) {
    Instant began = clock.instant();
    return new Origin(Backups.name(began, prior.isPresent()), began, node, system, prior);
  }

  private Manifest take(ConnectSettings source, Origin origin, Consumer<BackupProgress> progress)
      throws IncrementalRefusedException {
    BackupMeter meter = new BackupMeter(progress);
    Manifest manifest;
    try {
      manifest = packed(source, origin, meter);
    } catch (RuntimeException | Error e) {
      clear(origin.id(), e);
      throw e;
    }
    meter.report();
    return manifest;
  }

  private Manifest packed(ConnectSettings source, Origin origin, BackupMeter meter)
      throws IncrementalRefusedException {
    String place = source.host() + ":" + source.port();
    ConnectSettings settings =
        source
            .withReplication(true)
            .withTimeouts(CONNECT, SILENCE)
            .withMaxMessageLength(LONGEST_MESSAGE);
    try (Connection connection = Connection.open(settings);
        InterruptWatch _ = new InterruptWatch(connection);
        Packing packing = new Packing(archive, origin.id(), threads)) {
      String version = connection.parameters().getOrDefault("server_version", "");
      SourceServer server = SourceServer.of(connection);
      server.requireSystem(origin.system(), place);
      BaseBackup.Taken taken = files(connection, version, origin, packing, meter);
      Packed packed = packing.end();
      Manifest manifest =
          new Manifest(
              origin.prior().isPresent() ? Manifest.INCREMENTAL_FORMAT : Manifest.FORMAT,
              origin.id(),
              origin.system(),
              version,
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
              origin.prior().map(Manifest::id));
      new Backups(archive).complete(manifest);
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

  /** The server's manifest is kept where a later backup may be based on this one. */
  private BaseBackup.Taken files(
      Connection connection, String version, Origin origin, Packing packing, BackupMeter meter)
      throws IOException, PostgresException, IncrementalRefusedException {
    boolean incremental = origin.prior().isPresent();
    boolean able = major(version) >= BaseBackup.FIRST_INCREMENTAL;
    BaseBackup command = new BaseBackup("pgfleet " + origin.id(), true, able, fast, incremental);
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

  /** Deletes what was put; that this fails, too, is told beside why it is done. */
  private void clear(String id, Throwable why) {
    boolean interrupted = Thread.interrupted(); // else no file could be deleted
    try {
      new Backups(archive).delete(id);
    } catch (RuntimeException e) {
      why.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
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
