package io.pgfleet.backup.logical;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.logical.Catalog.Found;
import io.pgfleet.backup.logical.ExportDescription.Column;
import io.pgfleet.backup.logical.ExportDescription.Table;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Loads the files of an export into tables that are there, in one transaction: all rows, or none.
 * Every file is read and every table looked at before anything is changed.
 */
public final class Importing {
  private static final String SETTINGS =
      """
      set datestyle = 'ISO, MDY';
      set intervalstyle = 'postgres';
      set lc_monetary = 'C';
      set statement_timeout = 0;
      set idle_in_transaction_session_timeout = 0;
      """;

  private static final int CHUNK = 64 * 1024;

  private final ConnectSettings settings;
  private final Path folder;
  private final Existing existing;
  private final LogicalWork work;

  /** What is done with rows that the tables have. */
  public enum Existing {
    /** Nothing is loaded then. */
    REFUSE,
    /** They stay. */
    KEEP,
    /** They are deleted. */
    TRUNCATE
  }

  /**
   * What was loaded.
   *
   * @param sequences those that were moved on, with their values
   */
  public record Loaded(int tables, long rows, Map<String, Long> sequences) {
    public Loaded {
      sequences = java.util.Collections.unmodifiableMap(new TreeMap<>(sequences));
    }
  }

  /** A table of the export, and where it goes. */
  private record Load(Table from, Found into) {}

  /**
   * An import.
   *
   * @param settings of a role that may write the tables, at a primary
   */
  public Importing(ConnectSettings settings, Path folder, Existing existing, LogicalWork work) {
    this.settings = settings;
    this.folder = folder;
    this.existing = existing;
    this.work = work;
  }

  /**
   * Imports.
   *
   * @param chosen the tables as SCHEMA.NAME; none for all of the export
   * @throws BackupException if it can't be done; nothing was loaded then
   */
  public Loaded run(List<String> chosen) {
    boolean committing = false;
    try {
      List<Table> tables = chosen(ExportDescription.read(folder), chosen);
      requireWhole(tables);
      try (Connection connection = Connection.open(settings)) {
        work.on(connection);
        connection.query(SETTINGS);
        connection.query("begin");
        List<Load> loads = targets(new Catalog(connection), tables);
        Loaded loaded = load(connection, loads);
        committing = true;
        connection.query("commit");
        return loaded;
      }
    } catch (IOException | PostgresException e) {
      throw failed(e, committing);
    } finally {
      work.ended();
    }
  }

  private BackupException failed(Exception cause, boolean committing) {
    if (committing && cause instanceof IOException) {
      return new BackupException(
          Kind.SERVER,
          "The connection was lost while the import was committed: " + cause.getMessage(),
          "Look whether the rows are there before you import again.",
          cause);
    }
    if (work.isStopped()) {
      return new BackupException(
          Kind.SERVER, "The import was broken off.", "Nothing was loaded.", cause);
    }
    String place = settings.host() + ":" + settings.port() + "/" + settings.database();
    String more = cause instanceof PostgresException refused ? more(refused.report()) : "";
    return new BackupException(
        Kind.SERVER,
        "The import of " + folder + " into " + place + " failed: " + cause.getMessage() + more,
        "Nothing was loaded.",
        cause);
  }

  /** The value that was refused, and the line of the file that it stands in. */
  private static String more(ServerReport report) {
    String where = report.fields().getOrDefault(ServerReport.WHERE, "");
    return (report.detail() == null ? "" : " (" + report.detail() + ")")
        + where.lines().findFirst().map(line -> " at " + line).orElse("");
  }

  private List<Table> chosen(ExportDescription description, List<String> names) {
    if (names.isEmpty()) {
      return description.tables();
    }
    List<Table> chosen = new ArrayList<>();
    for (String name : names) {
      chosen.add(
          description.tables().stream()
              .filter(table ->
                  table.table().toString().equals(name) || table.table().quoted().equals(name))
              .findFirst()
              .orElseThrow(() ->
                  new BackupException(
                      Kind.MISSING,
                      "The export in " + folder + " has no table " + name + ".",
                      "It has "
                          + String.join(
                              ", ",
                              description.tables().stream()
                                  .map(table -> table.table().toString())
                                  .toList())
                          + ".")));
    }
    return chosen;
  }

  private void requireWhole(List<Table> tables) throws IOException {
    work.expect(tables.stream().mapToLong(Table::bytes).sum());
    for (Table table : tables) {
      Path file = folder.resolve(table.file());
      MessageDigest digest = Exporting.sha256();
      try (InputStream in = new DigestInputStream(new Meter(Files.newInputStream(file)), digest)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      } catch (NoSuchFileException e) {
        throw new BackupException(
            Kind.MISSING,
            "The file " + file + " of the export is missing.",
            "Bring it back, or make the export anew. Nothing was loaded.",
            e);
      }
      if (!HexFormat.of().formatHex(digest.digest()).equals(table.sha256())) {
        throw new BackupException(
            Kind.DAMAGED,
            "The file " + file + " is not as it was exported: its SHA-256 is another.",
            "Bring the right one back, or make the export anew. Nothing was loaded.");
      }
    }
  }

  private List<Load> targets(Catalog catalog, List<Table> tables)
      throws IOException, PostgresException {
    List<Load> loads = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (Table table : tables) {
      Optional<Found> found = catalog.find(table.table());
      if (found.isEmpty()) {
        problems.add("there is no table " + table.table());
        continue;
      }
      List<String> there = found.get().columns().stream().map(Column::name).toList();
      for (Column column : table.columns()) {
        if (found.get().generated().contains(column.name())) {
          problems.add("column " + column.name() + " of " + table.table() + " is generated there");
        } else if (!there.contains(column.name())) {
          problems.add("table " + table.table() + " has no column " + column.name());
        }
      }
      loads.add(new Load(table, found.get()));
    }
    if (!problems.isEmpty()) {
      throw new BackupException(
          Kind.MISSING,
          "The export in "
              + folder
              + " does not fit database "
              + settings.database()
              + ": "
              + String.join("; ", problems)
              + ".",
          "Make the tables as they were (an export holds rows only), or choose others with --table."
              + " Nothing was loaded.");
    }
    return loads;
  }

  private Loaded load(Connection connection, List<Load> loads)
      throws IOException, PostgresException {
    List<Found> tables = loads.stream().map(Load::into).toList();
    if (tables.isEmpty()) {
      return new Loaded(0, 0, Map.of());
    }
    prepare(connection, tables);
    ForeignKeys keys = ForeignKeys.among(connection, tables);
    keys.relax(connection);
    work.expect(loads.stream().mapToLong(load -> load.from().bytes()).sum());
    long rows = 0;
    for (Found next : keys.order()) {
      for (Load load : loads) {
        if (load.into().oid() == next.oid()) {
          rows += copy(connection, load);
        }
      }
    }
    connection.query("set constraints all immediate");
    keys.restore(connection);
    // Last, as what a sequence gives is not taken back with the transaction.
    return new Loaded(loads.size(), rows, new Sequences(connection).move(tables));
  }

  private void prepare(Connection connection, List<Found> tables)
      throws IOException, PostgresException {
    if (existing == Existing.TRUNCATE) {
      connection.query("truncate table " + Exporting.names(tables));
    } else if (existing == Existing.REFUSE) {
      connection.query("lock table " + Exporting.names(tables) + " in share row exclusive mode");
      for (Found table : tables) {
        if (!connection
            .query("select from " + table.name().quoted() + " limit 1")
            .getFirst()
            .rows()
            .isEmpty()) {
          throw new BackupException(
              Kind.SERVER,
              "Table " + table.name() + " of database " + settings.database() + " has rows.",
              "--truncate deletes the rows of all these tables first, --append keeps them. Nothing"
                  + " was loaded.");
        }
      }
    }
  }

  private long copy(Connection connection, Load load) throws IOException, PostgresException {
    Compression compression = compression(load.from().file());
    Path file = folder.resolve(load.from().file());
    long rows;
    try (InputStream in =
        compression.from(new Meter(new BufferedInputStream(Files.newInputStream(file), CHUNK)))) {
      rows =
          connection.copyIn(
              "copy "
                  + load.into().name().quoted()
                  + " ("
                  + Catalog.list(load.from().columns())
                  + ") from stdin (format csv, header match, encoding 'UTF8')",
              in);
    }
    if (rows != load.from().rows()) {
      throw new BackupException(
          Kind.SERVER,
          "Table " + load.into().name() + " took " + rows + " of " + load.from().rows() + " rows.",
          "A trigger of the table drops rows: disable it for the import. Nothing was loaded.");
    }
    return rows;
  }

  private static Compression compression(String file) {
    for (Compression one : new Compression[] {Compression.GZIP, Compression.ZSTD}) {
      if (file.endsWith(one.suffix())) {
        return one;
      }
    }
    return Compression.NONE;
  }

  /** What goes through it is counted, and nothing does once the work was broken off. */
  private final class Meter extends FilterInputStream {
    Meter(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int one = in.read();
      work.passed(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = in.read(bytes, offset, length);
      work.passed(Math.max(0, count));
      return count;
    }
  }
}
