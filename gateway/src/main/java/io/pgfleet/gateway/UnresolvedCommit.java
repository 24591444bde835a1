package io.pgfleet.gateway;

import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;

/**
 * A commit whose wait for standbys was cancelled. PostgreSQL can't roll it back any more, so it
 * warns and then reports success (syncrep.c, SyncRepWaitForLSN). A client that reads no warnings
 * would take it for safe.
 *
 * <p>The warning comes before the CommandComplete of a simple query or of a COMMIT, and after it
 * where an extended query commits at its Sync; there an error in its place is what a deferred
 * constraint sends as well. After that error the client expects nothing but ReadyForQuery.
 */
final class UnresolvedCommit {
  private static final char ROUTINE = 'R';

  private UnresolvedCommit() {}

  /** Told by the code and the routine, which no language changes and no function can raise. */
  static boolean announcedBy(ServerReport notice) {
    return notice.severity().equals("WARNING")
        && notice.sqlState().equals(SqlState.WARNING)
        && "SyncRepWaitForLSN".equals(notice.fields().get(ROUTINE));
  }

  /** What the client is told. */
  static ServerReport report() {
    return ServerReport.of(
            "ERROR",
            SqlState.TRANSACTION_RESOLUTION_UNKNOWN,
            "the commit was cancelled while it waited for standbys; its outcome is unknown")
        .with(
            ServerReport.DETAIL,
            "The primary has committed the transaction. Enough standbys may have it or not, so a"
                + " failover may keep it or lose it.")
        .with(
            ServerReport.HINT,
            "Look whether the change is there before running it again. A later commit that"
                + " succeeds on the same primary makes this one safe, too.");
  }
}
