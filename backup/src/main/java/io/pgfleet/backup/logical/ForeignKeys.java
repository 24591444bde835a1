package io.pgfleet.backup.logical;

import io.pgfleet.backup.logical.Catalog.Found;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The order in which tables are loaded: one that is referred to before those that refer to it.
 * Where they refer to one another in a circle no order fits; the keys of those are checked at the
 * end instead, for which they are made deferrable for as long as the transaction lasts.
 */
final class ForeignKeys {
  private static final String KEYS =
      """
      select c.conname, c.conrelid, c.confrelid, c.condeferrable
      from pg_constraint c
      where c.contype = 'f' and c.conparentid = 0 and c.conrelid <> c.confrelid
        and c.conrelid = any ($1::oid[]) and c.confrelid = any ($1::oid[])
      """;

  private final List<Found> order;
  private final List<Key> circular;

  private record Key(String name, long from, long to, boolean deferrable) {}

  private ForeignKeys(List<Found> order, List<Key> circular) {
    this.order = order;
    this.circular = circular;
  }

  static ForeignKeys among(Connection connection, List<Found> tables)
      throws IOException, PostgresException {
    String oids = "{" + String.join(",", tables.stream().map(t -> "" + t.oid()).toList()) + "}";
    List<Key> keys = new ArrayList<>();
    for (Row row : connection.query(KEYS, oids).rows()) {
      keys.add(
          new Key(
              row.required("conname"),
              Long.parseLong(row.required("conrelid")),
              Long.parseLong(row.required("confrelid")),
              row.required("condeferrable").equals("t")));
    }
    List<Found> order = new ArrayList<>();
    Set<Long> done = new HashSet<>();
    List<Found> left = new ArrayList<>(tables);
    while (true) {
      List<Found> next =
          left.stream()
              .filter(table ->
                  keys.stream()
                      .noneMatch(key -> key.from() == table.oid() && !done.contains(key.to())))
              .toList();
      if (next.isEmpty()) {
        break;
      }
      order.addAll(next);
      next.forEach(table -> done.add(table.oid()));
      left.removeAll(next);
    }
    order.addAll(left);
    List<Key> circular =
        keys.stream().filter(key -> !done.contains(key.from()) && !key.deferrable()).toList();
    return new ForeignKeys(order, circular);
  }

  List<Found> order() {
    return order;
  }

  void relax(Connection connection) throws IOException, PostgresException {
    alter(connection, "deferrable");
    connection.query("set constraints all deferred");
  }

  void restore(Connection connection) throws IOException, PostgresException {
    alter(connection, "not deferrable");
  }

  private void alter(Connection connection, String how) throws IOException, PostgresException {
    for (Key key : circular) {
      for (Found table : order) {
        if (table.oid() == key.from()) {
          connection.query(
              "alter table "
                  + table.name().quoted()
                  + " alter constraint "
                  + TableName.quoted(key.name())
                  + " "
                  + how);
        }
      }
    }
  }
}
