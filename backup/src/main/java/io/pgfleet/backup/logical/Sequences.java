package io.pgfleet.backup.logical;

import io.pgfleet.backup.logical.Catalog.Found;
import io.pgfleet.backup.logical.ExportDescription.Column;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Result;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The sequences behind serial and identity columns, which must not give again what was loaded. */
final class Sequences {
  private static final String OF_COLUMN =
      """
      select s.seqrelid::regclass::text as name, s.seqincrement > 0 as up
      from pg_sequence s where s.seqrelid = pg_get_serial_sequence($1, $2)::regclass
      """;

  private final Connection connection;

  Sequences(Connection connection) {
    this.connection = connection;
  }

  /**
   * Moves those on that lie behind the furthest value of their columns; none is moved back.
   *
   * @return the sequences that were moved, with their values now
   */
  Map<String, Long> move(List<Found> tables) throws IOException, PostgresException {
    Map<String, Long> moved = new TreeMap<>();
    for (Found table : tables) {
      for (Column column : table.columns()) {
        Result found = connection.query(OF_COLUMN, table.name().quoted(), column.name());
        for (Row row : found.rows()) {
          move(table, column.name(), row, moved);
        }
      }
    }
    return moved;
  }

  private void move(Found table, String column, Row row, Map<String, Long> moved)
      throws IOException, PostgresException {
    String sequence = row.required("name");
    boolean up = row.required("up").equals("t");
    Result result =
        connection.query(
            """
            select case
              when s.last_value %1$s v.furthest or s.is_called and s.last_value = v.furthest
                or v.furthest not between b.seqmin and b.seqmax then null
              else setval($1::regclass, v.furthest) end
            from %2$s s, pg_sequence b, (select %3$s(%4$s)::bigint as furthest from %5$s) v
            where v.furthest is not null and b.seqrelid = $1::regclass
            """
                .formatted(
                    up ? ">" : "<",
                    sequence,
                    up ? "max" : "min",
                    TableName.quoted(column),
                    table.name().quoted()),
            sequence);
    String furthest = result.rows().isEmpty() ? null : result.rows().getFirst().get(0);
    if (furthest != null) {
      moved.put(sequence, Long.parseLong(furthest));
    }
  }
}
