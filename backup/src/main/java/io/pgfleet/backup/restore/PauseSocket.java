package io.pgfleet.backup.restore;

import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.Pauses;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The way into a server whose recovery pauses, when nobody's password is known: a Unix-domain
 * socket in a folder that only the server's user and root can enter. It is not in the data folder,
 * since the path of a socket may have no more than 107 bytes.
 */
public final class PauseSocket implements AutoCloseable {
  /** A server that could let nobody in by then has become a primary, at the same position. */
  private static final String ARRIVED =
      """
      select case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() = 'paused'
        else true end
      """;

  private final Path folder;

  private PauseSocket(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the folder.
   *
   * @param user as whom the server runs
   */
  public static PauseSocket make(ServerUser user) throws IOException {
    Path folder =
        Path.of("/tmp", "pgfleet-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
    FileTrees.createPrivateFolder(folder, user);
    return new PauseSocket(folder);
  }

  /** For the server's configuration. */
  public Path folder() {
    return folder;
  }

  /** A session as the superuser, which is asked for no password. */
  public ConnectSettings session(int port, String database) {
    return ConnectSettings.of(folder.toString(), port, database, "postgres")
        .withParameter("application_name", "pgfleet restore");
  }

  /** Returns when the recovery of the server of a port pauses, or is over. */
  public void await(int port) throws IOException, PostgresException {
    try (Connection connection = Connection.open(session(port, "postgres"))) {
      while (!"t".equals(connection.query(ARRIVED).getFirst().single())) {
        Pauses.brief();
      }
    }
  }

  @Override
  public void close() throws IOException {
    FileTrees.delete(folder);
  }
}
