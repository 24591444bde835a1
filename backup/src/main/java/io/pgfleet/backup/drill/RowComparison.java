package io.pgfleet.backup.drill;

import io.pgfleet.backup.drill.Inspection.Finding;
import io.pgfleet.backup.restore.PauseSocket;
import io.pgfleet.backup.restore.Restoring;
import io.pgfleet.backup.rows.RowCounts;
import io.pgfleet.backup.rows.TableRows;
import io.pgfleet.postgres.Server;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Compares the rows of a server whose recovery pauses with what was counted at that position. */
final class RowComparison implements Restoring.Look {
  private final PauseSocket socket;
  private final int port;
  private final RowCounts counts;
  private Finding finding = new Finding(false, "the recovery never arrived there");

  RowComparison(PauseSocket socket, int port, RowCounts counts) {
    this.socket = socket;
    this.port = port;
    this.counts = counts;
  }

  Finding finding() {
    return finding;
  }

  @Override
  public void into(Server restored) {
    try {
      socket.await(port);
      Map<String, Map<String, Long>> found = count();
      String difference = counts.difference(found);
      finding =
          difference.isEmpty()
              ? new Finding(
                  true,
                  "%d tables, %d rows, as they were on %s at %s"
                      .formatted(counts.tables(), counts.rows(), counts.node(), counts.at()))
              : new Finding(false, difference);
    } catch (IOException e) {
      finding = new Finding(false, "the server ended before it could be asked: " + e.getMessage());
    } catch (PostgresException e) {
      finding = new Finding(false, e.report().message());
    }
  }

  private Map<String, Map<String, Long>> count() throws IOException, PostgresException {
    Map<String, Map<String, Long>> found = new TreeMap<>();
    try (Connection first = Connection.open(socket.session(port, "postgres"))) {
      for (String database : TableRows.databases(first)) {
        try (Connection connection = Connection.open(socket.session(port, database))) {
          found.put(database, TableRows.count(connection));
        }
      }
    }
    return found;
  }
}
