package io.pgfleet.postgres.backup;

import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The command BASE_BACKUP (PostgreSQL manual, 'Streaming Replication Protocol'). The server itself
 * checks the pages' checksums while it reads, where the cluster has them, and ends with an error if
 * one is wrong.
 *
 * @param label what stands in the backup's label file
 * @param wal whether the WAL that makes it consistent comes along
 * @param manifest whether the server's manifest comes after the files, with a checksum for each
 * @param fast whether the checkpoint that it begins with shall be taken at once
 * @param incremental whether of files that the backup before holds only the blocks that were
 *     changed come; its manifest must have been {@link #upload uploaded} over the same connection
 */
@SuppressWarnings("checkstyle:typename") // PostgreSQL's own word
public record BaseBackup(
    String label, boolean wal, boolean manifest, boolean fast, boolean incremental) {
  /** What an incremental backup calls a file of which it has changed blocks alone. */
  public static final String INCREMENTAL = "INCREMENTAL.";

  /** The first version of PostgreSQL that takes incremental backups. */
  public static final int FIRST_INCREMENTAL = 17;

  public BaseBackup {
    if (label.isEmpty() || label.indexOf('\'') >= 0) {
      throw new IllegalArgumentException("no label of a backup: " + label);
    }
  }

  /**
   * What was taken.
   *
   * @param start where its WAL begins
   * @param finish from where on its data is consistent
   * @param timeline of the start
   * @param finishTimeline of the end; another if a standby followed a new primary meanwhile
   */
  public record Taken(Lsn start, Lsn finish, int timeline, int finishTimeline) {}

  /**
   * Takes it.
   *
   * @param connection one for replication, that does nothing else meanwhile
   * @throws TablespaceException if the server has a tablespace outside its data folder
   */
  public Taken take(Connection connection, BackupSink sink, BackupMeter meter)
      throws IOException, PostgresException {
    BackupStream stream = new BackupStream(sink, meter::estimate, meter::taken);
    connection.run(command(), stream);
    stream.end();
    return new Taken(stream.start(), stream.finish(), stream.timeline(), stream.finishTimeline());
  }

  /**
   * Gives the server the manifest that it wrote for the backup before (UPLOAD_MANIFEST), on which
   * the next incremental one over this connection is based.
   *
   * @throws PostgresException if the server can't base one on it
   */
  public static void upload(Connection connection, InputStream manifest)
      throws IOException, PostgresException {
    connection.copyIn("UPLOAD_MANIFEST", manifest);
  }

  private String command() {
    return "BASE_BACKUP (LABEL '"
        + label
        + "', PROGRESS true, CHECKPOINT '"
        + (fast ? "fast" : "spread")
        + "', WAL "
        + wal
        + ", WAIT false, MANIFEST '"
        + (manifest ? "yes" : "no")
        + "'"
        + (incremental ? ", INCREMENTAL true" : "")
        + ")";
  }
}
