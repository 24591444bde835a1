package io.pgfleet.backup.rows;

import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts the rows of tables by reading all of them. */
public final class TableRows {
  private static final String DATABASES =
      "select datname from pg_database where datallowconn order by 1";

  /** The rest is never in a backup, or holds nothing. */
  private static final String TABLES =
      """
      select format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'm') and c.relpersistence = 'p'
        and n.nspname not in ('pg_catalog', 'information_schema')
      order by 1
      """;

  private TableRows() {}

  /** The databases that one can connect to. */
  public static List<String> databases(Connection connection)
      throws IOException, PostgresException {
    return connection.query(DATABASES).getFirst().rows().stream()
        .map(row -> row.required("datname"))
        .toList();
  }

  /** The rows of each table of a session's database, by its name as it is written in SQL. */
  public static Map<String, Long> count(Connection connection)
      throws IOException, PostgresException {
    Map<String, Long> counts = new TreeMap<>();
    for (Row row : connection.query(TABLES).getFirst().rows()) {
      String table = row.required("name");
      counts.put(
          table,
          Long.parseLong(
              String.valueOf(
                  connection.query("select count(*) from " + table).getFirst().single())));
    }
    return counts;
  }
}
