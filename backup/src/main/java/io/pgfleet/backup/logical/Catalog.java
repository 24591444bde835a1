package io.pgfleet.backup.logical;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.logical.ExportDescription.Column;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Result;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tables of a database that can be exported or imported. */
final class Catalog {
  private static final String TABLES =
      """
      select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence,
        case when c.relkind = 'p'
          then (select coalesce(sum(pg_table_size(t.relid)), 0)
            from pg_partition_tree(c.oid) t where t.isleaf)
          else pg_table_size(c.oid) end::bigint as size,
        c.relkind = 'p' and exists (
          select from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid
          where l.relpersistence = 'u') as unlogged
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      """;

  /** A partition's rows come with its root; what an extension made comes with the extension. */
  private static final String ALL =
      TABLES
          + """
          where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
            and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
            and not exists (select from pg_depend d
              where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
          order by 2, 3
          """;

  private static final String COLUMNS =
      """
      select attname, format_type(atttypid, atttypmod) as type, attgenerated <> '' as generated
      from pg_attribute
      where attrelid = $1::oid and attnum > 0 and not attisdropped
      order by attnum
      """;

  private final Connection connection;

  Catalog(Connection connection) {
    this.connection = connection;
  }

  /**
   * A table.
   *
   * @param columns those with data of their own
   * @param generated the names of those that the server computes
   */
  record Found(
      long oid,
      TableName name,
      boolean partitioned,
      boolean unlogged,
      long size,
      List<Column> columns,
      List<String> generated) {
    Found {
      columns = List.copyOf(columns);
      generated = List.copyOf(generated);
    }
  }

  /** All that there are. */
  List<Found> all() throws IOException, PostgresException {
    return found(connection.query(ALL).getFirst());
  }

  /** Those of an export that was asked for by their names. */
  List<Found> of(List<Long> oids) throws IOException, PostgresException {
    String array = "{" + String.join(",", oids.stream().map(String::valueOf).toList()) + "}";
    return found(connection.query(TABLES + "where c.oid = any ($1::oid[]) order by 2, 3", array));
  }

  private List<Found> found(Result result) throws IOException, PostgresException {
    List<Found> found = new ArrayList<>();
    for (Row row : result.rows()) {
      found.add(found(row));
    }
    return found;
  }

  /** A table by its name as it is written in SQL; without a schema, the one of the search path. */
  Found named(String text) throws IOException, PostgresException {
    Result result;
    try {
      result = connection.query(TABLES + "where c.oid = to_regclass($1)", text);
    } catch (PostgresException e) {
      throw new BackupException(
          Kind.MISSING,
          "'" + text + "' is no table's name: " + e.report().message() + ".",
          "Write it as in SQL, such as app.orders or '\"Odd Name\"'.",
          e);
    }
    if (result.rows().isEmpty()) {
      throw missing(text);
    }
    Row row = result.onlyRow();
    String kind = row.required("relkind");
    if (!kind.equals("r") && !kind.equals("p")) {
      throw new BackupException(
          Kind.MISSING,
          text + " is no table, but another relation (a view, a sequence or the like).",
          "Name tables only.");
    }
    return found(row);
  }

  /** A table that rows can be loaded into; none if there is none of that name. */
  Optional<Found> find(TableName name) throws IOException, PostgresException {
    Result result =
        connection.query(
            TABLES + "where c.relkind in ('r', 'p') and n.nspname = $1 and c.relname = $2",
            name.schema(),
            name.name());
    return result.rows().isEmpty() ? Optional.empty() : Optional.of(found(result.onlyRow()));
  }

  private BackupException missing(String text) {
    return new BackupException(
        Kind.MISSING,
        "Database "
            + connection.settings().database()
            + " at "
            + connection.settings().host()
            + ":"
            + connection.settings().port()
            + " has no table "
            + text
            + ".",
        "Write names as in SQL, such as app.orders or '\"Odd Name\"'.");
  }

  private Found found(Row row) throws IOException, PostgresException {
    List<Column> columns = new ArrayList<>();
    List<String> generated = new ArrayList<>();
    for (Row column : connection.query(COLUMNS, row.required("oid")).rows()) {
      if (column.required("generated").equals("t")) {
        generated.add(column.required("attname"));
      } else {
        columns.add(new Column(column.required("attname"), column.required("type")));
      }
    }
    return new Found(
        Long.parseLong(row.required("oid")),
        new TableName(row.required("nspname"), row.required("relname")),
        row.required("relkind").equals("p"),
        row.required("relpersistence").equals("u") || row.required("unlogged").equals("t"),
        Long.parseLong(row.required("size")),
        columns,
        generated);
  }

  static String list(List<Column> columns) {
    return String.join(", ", columns.stream().map(c -> TableName.quoted(c.name())).toList());
  }
}
