package io.pgfleet.postgres.backup;

import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Physical replication slots: a server keeps the WAL that the slot's standby has not taken yet.
 * Each call may be repeated. They work over ordinary connections and those for replication.
 */
public final class ReplicationSlots {
  private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,63}");
  private static final String DUPLICATE_OBJECT = "42710";
  private static final String UNDEFINED_OBJECT = "42704";

  private ReplicationSlots() {}

  /**
   * Makes a slot that keeps WAL from now on, if there is none of that name; one whose WAL is lost
   * is made anew.
   *
   * @throws ServerException if the name can't be a slot's, or a logical slot has it
   */
  public static void ensurePhysical(Connection connection, String name)
      throws IOException, PostgresException {
    check(name);
    try {
      create(connection, name);
    } catch (PostgresException e) {
      if (!e.sqlState().equals(DUPLICATE_OBJECT)) {
        throw e;
      }
      if (isLost(connection, name)) {
        drop(connection, name);
        create(connection, name);
      }
    }
  }

  private static void create(Connection connection, String name)
      throws IOException, PostgresException {
    connection.query(
        connection.settings().replication()
            ? "CREATE_REPLICATION_SLOT " + name + " PHYSICAL (RESERVE_WAL true)"
            : "SELECT pg_create_physical_replication_slot('" + name + "', true)");
  }

  /** Whether a slot holds no WAL any more, or never did. */
  private static boolean isLost(Connection connection, String name)
      throws IOException, PostgresException {
    String question =
        connection.settings().replication()
            ? "READ_REPLICATION_SLOT " + name
            : "SELECT slot_type, restart_lsn FROM pg_replication_slots WHERE slot_name = '"
                + name
                + "'";
    List<Row> rows = connection.query(question).getFirst().rows();
    if (rows.isEmpty()) {
      return false;
    }
    if (!"physical".equals(rows.getFirst().get("slot_type"))) {
      throw new ServerException(
          Kind.SETTING,
          "There is a slot " + name + " that is not for a standby.",
          "Drop or rename it.");
    }
    return rows.getFirst().get("restart_lsn") == null;
  }

  /** Drops a slot; nothing if there is none. An error of the server if it is in use. */
  public static void drop(Connection connection, String name)
      throws IOException, PostgresException {
    check(name);
    try {
      connection.query(
          connection.settings().replication()
              ? "DROP_REPLICATION_SLOT " + name
              : "SELECT pg_drop_replication_slot('" + name + "')");
    } catch (PostgresException e) {
      if (!e.sqlState().equals(UNDEFINED_OBJECT)) {
        throw e;
      }
    }
  }

  private static void check(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new ServerException(
          Kind.SETTING,
          "'" + name + "' can't be the name of a replication slot.",
          "Use lower-case letters, digits and underscores, 63 at most.");
    }
  }
}
