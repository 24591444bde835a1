package io.pgfleet.cli.archive;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.rows.RowCountFile;
import io.pgfleet.backup.rows.RowCounting;
import io.pgfleet.backup.rows.RowCounts;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rows of a fleet at the time of a base backup, for drills to compare. A backup is as good
 * without them, so nothing of it fails that they can't be had.
 */
public final class RowSnapshot {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A recovery stops before a record, so one has to be there behind the position. */
  private static final String RECORD =
      "select pg_logical_emit_message(false, 'pgfleet', 'rows were counted')";

  private RowSnapshot() {}

  /**
   * Counts on the first of the servers that has a moment for it.
   *
   * @param backup of this archive
   * @param superuser how a server is reached
   * @return why there are none; empty if they were put to the backup
   */
  public static Optional<String> take(
      Archive archive,
      String backup,
      List<BackupSource> servers,
      Function<BackupSource, ConnectSettings> superuser) {
    Optional<BackupSource> primary =
        servers.stream().filter(server -> !server.standby()).findFirst();
    if (primary.isEmpty()) {
      return Optional.of("the fleet has no primary");
    }
    List<String> reasons = new ArrayList<>();
    for (BackupSource server : servers) {
      try {
        Optional<RowCounts> counts =
            new RowCounting(superuser.apply(server), server.node(), PATIENCE).count();
        if (counts.isPresent()) {
          try (Connection connection = Connection.open(superuser.apply(primary.get()))) {
            connection.query(RECORD);
          }
          RowCountFile.put(archive, backup, counts.get());
          return Optional.empty();
        }
        reasons.add(
            server.node()
                + (server.standby()
                    ? " had never replayed all that it had received"
                    : " was written to all the time"));
      } catch (IOException | BackupException e) {
        reasons.add(server.node() + ": " + e.getMessage());
      } catch (PostgresException e) {
        reasons.add(server.node() + ": " + e.report().message());
      }
    }
    return Optional.of(String.join("; ", reasons));
  }
}
