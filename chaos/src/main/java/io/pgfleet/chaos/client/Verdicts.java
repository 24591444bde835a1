package io.pgfleet.chaos.client;

import io.pgfleet.chaos.check.Attempt.Outcome;
import java.sql.SQLException;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What a client may conclude from an error about the statement that got it. */
final class Verdicts {
  /**
   * Classes of SQLSTATE (manual, 'PostgreSQL Error Codes') after which a statement may have been
   * committed nevertheless: the connection failed, an operator stepped in or the statement was
   * cancelled (also while it waited for the standbys), the system failed, an internal error.
   */
  private static final Set<String> OPEN = Set.of("08", "57", "58", "F0", "XX");

  private static final String COMPLETION_UNKNOWN = "40003";

  private Verdicts() {}

  /** Of a statement that commits by itself, or of a COMMIT. */
  static Outcome of(SQLException error) {
    ServerErrorMessage message =
        error instanceof PSQLException told ? told.getServerErrorMessage() : null;
    String state = error.getSQLState();
    if (message == null || state == null || state.length() != 5) {
      return Outcome.UNKNOWN;
    }
    boolean open =
        !"ERROR".equals(message.getSeverity())
            || OPEN.contains(state.substring(0, 2))
            || state.equals(COMPLETION_UNKNOWN);
    return open ? Outcome.UNKNOWN : Outcome.FAILED;
  }
}
