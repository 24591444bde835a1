package io.pgfleet.backup.logical;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an export consists of: {@code export.json} in its folder.
 *
 * @param format the version of this form, 1
 * @param version of the server's PostgreSQL
 * @param source the server that it was read from
 * @param taken when the one snapshot of all tables was
 * @param position where the server's WAL was then
 * @param snapshot its transactions, as pg_current_snapshot() writes them
 */
public record ExportDescription(
    int format,
    String database,
    String version,
    String source,
    Instant taken,
    String position,
    String snapshot,
    Compression compression,
    List<Table> tables) {
  /** The only version there is. */
  public static final int FORMAT = 1;

  static final String FILE = "export.json";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  public ExportDescription {
    if (format != FORMAT) {
      throw new IllegalArgumentException("version " + format + " of an export");
    }
    Objects.requireNonNull(database, "database");
    tables = List.copyOf(tables);
  }

  /**
   * A table.
   *
   * @param columns those that the file has, in its order
   * @param rows without the line of names
   * @param bytes of the file
   * @param sha256 of the file, in hexadecimal digits
   */
  public record Table(
      String schema,
      String name,
      String file,
      List<Column> columns,
      long rows,
      long bytes,
      String sha256) {
    public Table {
      Objects.requireNonNull(schema, "schema");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(sha256, "sha256");
      columns = List.copyOf(columns);
      if (!Path.of(file).getFileName().toString().equals(file)) {
        throw new IllegalArgumentException("a file outside the folder: " + file);
      }
    }

    TableName table() {
      return new TableName(schema, name);
    }
  }

  /** A column, and its type as PostgreSQL writes it. */
  public record Column(String name, String type) {}

  /** The rows of all tables. */
  public long rows() {
    return tables.stream().mapToLong(Table::rows).sum();
  }

  /** The bytes of all files. */
  public long bytes() {
    return tables.stream().mapToLong(Table::bytes).sum();
  }

  byte[] json() {
    return JSON.writeValueAsBytes(this);
  }

  /**
   * Reads that of a folder.
   *
   * @throws BackupException if the folder is no whole export
   */
  public static ExportDescription read(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      return Objects.requireNonNull(
          JSON.readValue(Files.readAllBytes(file), ExportDescription.class), "empty");
    } catch (NoSuchFileException e) {
      throw new BackupException(
          Kind.MISSING,
          folder + " is no export: " + FILE + " is not in it.",
          "Name the folder that 'pgfleet backup export' made.",
          e);
    } catch (IOException e) {
      throw new BackupException(
          Kind.MISSING, file + " can't be read: " + e + ".", "See that this user may read it.", e);
    } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
      throw new BackupException(
          Kind.DAMAGED,
          file + " is no description of an export that this program can read.",
          "Use the program that wrote it, or a newer one; or make the export anew.",
          e);
    }
  }
}
