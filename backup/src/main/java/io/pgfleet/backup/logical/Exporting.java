package io.pgfleet.backup.logical;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.logical.Catalog.Found;
import io.pgfleet.backup.logical.ExportDescription.Table;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes the tables of a database, as one snapshot sees them, into a folder: a CSV file for each,
 * and {@link ExportDescription}. The folder has another name (with {@code .part} behind it) until
 * it is whole.
 */
public final class Exporting {
  /**
   * Values are written in one way, whatever the database or role says, and names of tables and
   * types among them with their schema. A row that a policy would hide is an error.
   */
  private static final String SETTINGS =
      """
      set search_path = '';
      set datestyle = 'ISO, MDY';
      set intervalstyle = 'postgres';
      set bytea_output = 'hex';
      set extra_float_digits = 1;
      set lc_monetary = 'C';
      set row_security = off;
      set statement_timeout = 0;
      set idle_in_transaction_session_timeout = 0;
      """;

  private static final int NAME = 60;
  private static final int BUFFER = 64 * 1024;

  private final ConnectSettings settings;
  private final String source;
  private final Path folder;
  private final Path part;
  private final Compression compression;
  private final LogicalWork work;

  /**
   * An export.
   *
   * @param settings of a role that may read every table, best a superuser
   * @param source the server's name, for the description
   * @param folder that is not there yet, or empty
   */
  public Exporting(
      ConnectSettings settings,
      String source,
      Path folder,
      Compression compression,
      LogicalWork work) {
    this.settings = settings;
    this.source = source;
    this.folder = folder.toAbsolutePath().normalize();
    this.part = this.folder.resolveSibling(this.folder.getFileName() + ".part");
    this.compression = compression;
    this.work = work;
  }

  /**
   * Exports.
   *
   * @param tables their names as in SQL; none for all
   * @throws BackupException if it can't be done; nothing is left of it then
   */
  public ExportDescription run(List<String> tables) {
    try {
      begin();
      try (Connection connection = Connection.open(settings)) {
        work.on(connection);
        ExportDescription description = export(connection, tables);
        write(part.resolve(ExportDescription.FILE), description.json());
        Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
        return description;
      } catch (IOException | PostgresException | RuntimeException e) {
        FileTrees.delete(part);
        throw e;
      }
    } catch (IOException | PostgresException e) {
      throw failed(e);
    } finally {
      work.ended();
    }
  }

  private BackupException failed(Exception cause) {
    if (work.isStopped()) {
      return new BackupException(
          Kind.SERVER, "The export was broken off.", "Nothing of it was kept.", cause);
    }
    String place = settings.host() + ":" + settings.port() + "/" + settings.database();
    boolean conflict =
        cause instanceof PostgresException refused && refused.sqlState().equals("40001");
    return new BackupException(
        Kind.SERVER,
        "The export of " + place + " to " + folder + " failed: " + cause.getMessage(),
        conflict
            ? "The standby had to replay what the export's snapshot forbids: export from the primary"
                + " (--from), or raise max_standby_streaming_delay."
            : "Nothing of it was kept. 'pgfleet status' tells what the servers do.",
        cause);
  }

  private void begin() throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> there = Files.list(folder)) {
        if (there.findAny().isPresent()) {
          throw new BackupException(
              Kind.SERVER, folder + " is not empty.", "Name a folder that is not there yet.");
        }
      } catch (NotDirectoryException e) {
        throw new BackupException(
            Kind.SERVER, folder + " is a file.", "Name a folder that is not there yet.", e);
      }
    }
    try {
      Path parent = part.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      // The rows are not encrypted, so nobody else is to read them.
      Files.createDirectory(
          part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      throw new BackupException(
          Kind.SERVER,
          part + " is there: another export to " + folder + " runs, or was killed.",
          "If none runs, delete that folder.",
          e);
    }
  }

  private ExportDescription export(Connection connection, List<String> tables)
      throws IOException, PostgresException {
    Catalog catalog = new Catalog(connection);
    List<Long> named = new ArrayList<>();
    for (String table : tables) {
      named.add(catalog.named(table).oid());
    }
    connection.query(SETTINGS);
    List<Found> found =
        (tables.isEmpty() ? catalog.all() : catalog.of(named))
            .stream().filter(table -> !table.columns().isEmpty()).toList();
    connection.query("begin isolation level repeatable read read only");
    if (!found.isEmpty()) {
      // Before the snapshot: a table that is truncated or changed behind it would look empty.
      connection.query("lock table " + names(found) + " in access share mode");
    }
    Row snapshot =
        connection
            .query(
                """
                select pg_current_snapshot() as snapshot, pg_is_in_recovery() as standby,
                  coalesce(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                    else pg_current_wal_insert_lsn() end, '0/0') as position,
                  current_setting('server_version') as version,
                  to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                    as taken
                """)
            .getFirst()
            .onlyRow();
    requireReadable(found, snapshot.required("standby").equals("t"));
    work.expect(found.stream().mapToLong(Found::size).sum());
    List<Table> written = new ArrayList<>();
    for (Found table : found) {
      written.add(write(connection, table, written.size() + 1));
    }
    connection.query("commit");
    return new ExportDescription(
        ExportDescription.FORMAT,
        settings.database(),
        snapshot.required("version"),
        source,
        Instant.parse(snapshot.required("taken")),
        snapshot.required("position"),
        snapshot.required("snapshot"),
        compression,
        written);
  }

  static String names(List<Found> tables) {
    return String.join(", ", tables.stream().map(table -> table.name().quoted()).toList());
  }

  private static void requireReadable(List<Found> tables, boolean standby) {
    for (Found table : tables) {
      if (standby && table.unlogged()) {
        throw new BackupException(
            Kind.SERVER,
            "Table " + table.name() + " is unlogged, so a standby has none of its rows.",
            "Export from the primary (--from; 'pgfleet status' tells which it is), or name the tables"
                + " (--table).");
      }
    }
  }

  private Table write(Connection connection, Found table, int number)
      throws IOException, PostgresException {
    String file = fileName(table.name(), number);
    String columns = Catalog.list(table.columns());
    // COPY by itself takes no partitioned table, and of others the rows of itself alone.
    String what =
        table.partitioned()
            ? "(select " + columns + " from " + table.name().quoted() + ")"
            : table.name().quoted() + " (" + columns + ")";
    MessageDigest digest = sha256();
    Path path = part.resolve(file);
    long rows;
    try (OutputStream out = compression.into(new DigestOutputStream(durable(path), digest))) {
      rows =
          connection.copyOut(
              "copy " + what + " to stdout (format csv, header, encoding 'UTF8')", new Meter(out));
    }
    return new Table(
        table.name().schema(),
        table.name().name(),
        file,
        table.columns(),
        rows,
        Files.size(path),
        HexFormat.of().formatHex(digest.digest()));
  }

  /** Letters and digits of the name, for people; the number alone makes it the only one. */
  private String fileName(TableName name, int number) {
    String readable = name.toString().replaceAll("[^A-Za-z0-9_.-]", "_");
    return "%04d-%s.csv%s"
        .formatted(
            number, readable.substring(0, Math.min(NAME, readable.length())), compression.suffix());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(Path path, byte[] bytes) throws IOException {
    try (OutputStream out = durable(path)) {
      out.write(bytes);
    }
  }

  /** A file whose bytes are on the disk once it was closed. */
  private static OutputStream durable(Path path) throws IOException {
    FileOutputStream file = new FileOutputStream(path.toFile());
    return new BufferedOutputStream(
        new FilterOutputStream(file) {
          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            file.write(bytes, offset, length);
          }

          @Override
          public void close() throws IOException {
            try (file) {
              file.getFD().sync();
            }
          }
        },
        BUFFER);
  }

  /** What goes through it is counted, and nothing does once the work was broken off. */
  private final class Meter extends FilterOutputStream {
    Meter(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      work.passed(length);
      out.write(bytes, offset, length);
    }
  }
}
