package io.pgfleet.cli.archive;

import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;

/**
 * The slot that keeps WAL for an archive. The primary's is the one that WAL is streamed from; each
 * standby has one of the same name that follows it, so that whoever is promoted still has what the
 * archive lacks.
 */
final class ArchiveSlot {
  private static final String PREFIX = "pgfleet__archive_";

  private static final String DROP_LOST =
      """
      select pg_drop_replication_slot(slot_name) from pg_replication_slots
      where slot_name = $1 and not active and restart_lsn is null
      """;

  private static final String MAKE =
      """
      select pg_create_physical_replication_slot($1, true)
      where not exists (select from pg_replication_slots where slot_name = $1)
      """;

  /** Never back, and no farther than WAL goes here. */
  private static final String ADVANCE =
      """
      select pg_replication_slot_advance(slot_name, least($2::pg_lsn, pg_last_wal_replay_lsn()))
      from pg_replication_slots
      where slot_name = $1 and not active
        and restart_lsn < least($2::pg_lsn, pg_last_wal_replay_lsn())
      """;

  private static final String DROP_OTHERS =
      """
      select pg_drop_replication_slot(slot_name) from pg_replication_slots
      where slot_name like 'pgfleet\\_\\_archive\\_%' and not active
        and slot_name <> all ($1::text[])
      """;

  private ArchiveSlot() {}

  /** The slot of a repository. */
  static String of(String repository) {
    return PREFIX + repository;
  }

  /** Has a standby keep what comes after a position. */
  static void follow(Connection standby, String slot, Lsn archived)
      throws IOException, PostgresException {
    standby.query(DROP_LOST, slot);
    standby.query(MAKE, slot);
    standby.query(ADVANCE, slot, archived.toString());
  }

  /** Drops the slots of repositories that are no longer there, and would keep WAL for ever. */
  static void dropOthers(Connection server, Iterable<String> repositories)
      throws IOException, PostgresException {
    StringBuilder kept = new StringBuilder("{");
    for (String repository : repositories) {
      kept.append(kept.length() == 1 ? "" : ",").append(of(repository));
    }
    server.query(DROP_OTHERS, kept.append('}').toString());
  }
}
