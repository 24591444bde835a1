package io.pgfleet.postgres.backup;

import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.PartialFolder;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Makes a standby's data folder from a running server, primary or standby, by the command
 * BASE_BACKUP. The archive goes straight into the folder, which appears under its name only when it
 * is whole, is on disk and is marked as a standby's.
 *
 * <p>The WAL needed to make it consistent comes along, so that the standby starts even if the
 * source is gone by then; and where a slot is named, it is reserved before the copy begins, so that
 * whatever the source writes from then on is kept until the standby has it.
 */
public final class StandbyClone {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** The source may have to write a large checkpoint before it answers. */
  private static final Duration SILENCE = Duration.ofMinutes(15);

  /** All of it, at once, and with no manifest, since nobody would look at it. */
  private static final BaseBackup COPY = new BaseBackup("pgfleet", true, false, true, false);

  private static final int LONGEST_MESSAGE = 16 * 1024 * 1024;

  private final ConnectSettings source;
  private final ServerUser user;
  private final Optional<String> slot;
  private final OptionalLong system;

  /**
   * A clone that can be made.
   *
   * @param source the server, and a role that may replicate
   * @param user who shall own the files
   * @param slot a physical slot on the source to be made if it is not there
   * @param system the identifier the source must have, if it is known
   */
  public StandbyClone(
      ConnectSettings source, ServerUser user, Optional<String> slot, OptionalLong system) {
    this.source =
        source
            .withReplication(true)
            .withTimeouts(CONNECT, SILENCE)
            .withMaxMessageLength(LONGEST_MESSAGE);
    this.user = user;
    this.slot = slot;
    this.system = system;
  }

  /**
   * What a backup took.
   *
   * @param start where its WAL begins
   * @param finish from where on its data is consistent
   * @param timeline of the start
   */
  public record Taken(
      long systemIdentifier, Lsn start, Lsn finish, int timeline, long bytes, Duration elapsed) {}

  /**
   * Takes it.
   *
   * @param target must not exist, or be an empty folder
   * @param progress told about ten times a second, on the calling thread
   * @throws ServerException if anything broke off; nothing stands at {@code target} then
   */
  public Taken into(Path target, Consumer<BackupProgress> progress) {
    DataFolder folder = new DataFolder(target);
    folder.requireNothing();
    Path parent = folder.path().getParent();
    try {
      if (parent != null) {
        Files.createDirectories(parent);
      }
      user.checkReach(folder.path());
      try (PartialFolder partial = PartialFolder.begin(folder.path(), user);
          Connection connection = Connection.open(source)) {
        folder.requireNothing();
        BackupMeter meter = new BackupMeter(progress);
        long identifier = identify(connection);
        if (slot.isPresent()) {
          ReplicationSlots.ensurePhysical(connection, slot.get());
        }
        BaseBackup.Taken taken = copy(connection, partial.path(), meter);
        DataFolder copied = new DataFolder(partial.path());
        copied.requireData();
        copied.requireSystem(identifier);
        // From its first moment under its name the folder can only start as a standby.
        FileTrees.replace(partial.path().resolve("standby.signal"), "", user);
        partial.complete();
        meter.report();
        return new Taken(
            identifier,
            taken.start(),
            taken.finish(),
            taken.timeline(),
            meter.bytes(),
            meter.elapsed());
      }
    } catch (TablespaceException e) {
      throw new ServerException(
          Kind.BACKUP,
          "The server at "
              + place()
              + " has a tablespace outside its data folder ("
              + e.getMessage()
              + "), which can't be cloned yet.",
          "Move its tables into pg_default and drop the tablespace.",
          e);
    } catch (PostgresException e) {
      throw failed(e.report().message(), e);
    } catch (IOException e) {
      if (FileTrees.saysDiskFull(e.getMessage())) {
        throw new ServerException(
            Kind.DISK_FULL,
            "There is no room for a copy of the server at " + place() + " in " + target + ".",
            "Make room on that file system, or choose another folder.",
            e);
      }
      throw failed(String.valueOf(e.getMessage()), e);
    }
  }

  private long identify(Connection connection) throws IOException, PostgresException {
    String text = connection.query("IDENTIFY_SYSTEM").getFirst().onlyRow().required("systemid");
    long identifier;
    try {
      identifier = Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new IOException("it has the system identifier '" + text + "'", e);
    }
    if (system.isPresent() && system.getAsLong() != identifier) {
      throw new ServerException(
          Kind.OTHER_SYSTEM,
          "The server at "
              + place()
              + " is another database system ("
              + text
              + ", expected "
              + Long.toUnsignedString(system.getAsLong())
              + ").",
          "See that the address is that of this fleet's primary.");
    }
    return identifier;
  }

  private BaseBackup.Taken copy(Connection connection, Path folder, BackupMeter meter)
      throws IOException, PostgresException {
    try (FolderSink sink = new FolderSink(folder, user)) {
      return COPY.take(connection, sink, meter);
    }
  }

  private String place() {
    return source.host() + ":" + source.port();
  }

  private ServerException failed(String reason, Exception cause) {
    return new ServerException(
        Kind.BACKUP,
        "The copy of the server at " + place() + " broke off: " + reason + ".",
        "See that the server is up and lets this node replicate, then try again.",
        cause);
  }
}
