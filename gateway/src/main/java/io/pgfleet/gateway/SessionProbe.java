package io.pgfleet.gateway;

/**
 * The question whether anything is left in a server's session that pins its client: asked outside
 * of a transaction, after a statement that may have given it up, so that the answer is certain.
 */
final class SessionProbe {
  /** One row of one boolean. */
  static final String SQL =
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory'"
          + " AND pid = pg_catalog.pg_backend_pid())"
          + " OR EXISTS (SELECT FROM pg_catalog.pg_class"
          + " WHERE relnamespace = pg_catalog.pg_my_temp_schema())"
          + " OR EXISTS (SELECT FROM pg_catalog.pg_cursors WHERE is_holdable)"
          + " OR EXISTS (SELECT FROM pg_catalog.pg_prepared_statements WHERE from_sql)";

  private SessionProbe() {}
}
