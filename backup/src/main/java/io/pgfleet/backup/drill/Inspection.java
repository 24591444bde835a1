package io.pgfleet.backup.drill;

import io.pgfleet.backup.rows.TableRows;
import io.pgfleet.postgres.backup.BackupMeter;
import io.pgfleet.postgres.backup.BackupSink;
import io.pgfleet.postgres.backup.BaseBackup;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Looks into a restored server as deeply as it can be done from outside. */
final class Inspection {
  /** PostgreSQL manual, 'amcheck'. */
  private static final String HEAPS =
      """
      select c.oid::regclass::text as name, v.blkno, v.msg
      from pg_class c, lateral verify_heapam(c.oid, check_toast => true) v
      where c.relkind in ('r', 'm', 't') and c.relpersistence = 'p'
      limit 5
      """;

  private static final String INDEXES =
      """
      select count(bt_index_check(index => c.oid, heapallindexed => true)::text)
      from pg_index i
        join pg_class c on c.oid = i.indexrelid
        join pg_am a on a.oid = c.relam
      where a.amname = 'btree' and c.relpersistence = 'p' and i.indisready and i.indisvalid
      """;

  private final DrillServer server;

  Inspection(DrillServer server) {
    this.server = server;
  }

  /** What was looked at, or what is wrong. */
  record Finding(boolean sound, String words) {}

  List<String> databases() throws IOException, PostgresException {
    try (Connection connection = Connection.open(server.session("postgres"))) {
      return TableRows.databases(connection);
    }
  }

  /** Has the server read every page of every file, which compares their checksums. */
  Finding pages() throws IOException, PostgresException {
    try (Connection connection =
        Connection.open(server.session("postgres").withReplication(true))) {
      String on =
          connection.query("SHOW data_checksums").getFirst().onlyRow().required("data_checksums");
      Counting counting = new Counting();
      new BaseBackup("pgfleet drill", false, false, true, false)
          .take(connection, counting, new BackupMeter(_ -> {}));
      return new Finding(
          true,
          counting.files
              + " files, "
              + (counting.bytes >> 20)
              + " MB"
              + (on.equals("on") ? "" : "; the cluster has no page checksums"));
    }
  }

  /** Looks at what it is given and keeps nothing. */
  private static final class Counting implements BackupSink {
    private long files;
    private long bytes;

    @Override
    public void folder(String name) {
      // Nothing is made of it.
    }

    @Override
    public void file(String name, long size) {
      files++;
    }

    @Override
    public void content(ByteBuffer content) {
      bytes += content.remaining();
      content.position(content.limit());
    }

    @Override
    public void endFile() {
      // The next one begins.
    }
  }

  /** Reads every row of every table, and has amcheck look at tables and indexes. */
  Finding database(String name) throws IOException, PostgresException {
    try (Connection connection = Connection.open(server.session(name))) {
      Map<String, Long> counts = TableRows.count(connection);
      long rows = counts.values().stream().mapToLong(Long::longValue).sum();
      String read = counts.size() + " tables, " + rows + " rows";
      boolean available =
          !connection
              .query("select 1 from pg_available_extensions where name = 'amcheck'")
              .getFirst()
              .rows()
              .isEmpty();
      if (!available) {
        return new Finding(true, read + "; amcheck is not installed");
      }
      connection.query("create extension if not exists amcheck");
      List<Row> wrong = connection.query(HEAPS).getFirst().rows();
      if (!wrong.isEmpty()) {
        return new Finding(
            false,
            wrong.stream()
                .map(row -> row.required("name") + ": " + row.required("msg"))
                .collect(Collectors.joining("; ")));
      }
      String indexes = connection.query(INDEXES).getFirst().single();
      return new Finding(true, read + ", " + indexes + " indexes");
    }
  }

  /** Asks a question of the user's. */
  Finding ask(DrillCheck check) throws IOException, PostgresException {
    try (Connection connection = Connection.open(server.session(check.database()))) {
      String answer = connection.query(check.query()).getLast().single();
      return "t".equals(answer)
          ? new Finding(true, "true")
          : new Finding(false, "the answer was " + answer + ", not true");
    }
  }
}
