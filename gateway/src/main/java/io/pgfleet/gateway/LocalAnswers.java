package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.Protocol.TransactionStatus;
import io.pgfleet.wire.ServerReport;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway answers in a server's place: for a transaction that was lost with its server,
 * and for a request that no server could be found for. Behaves as PostgreSQL does in a failed
 * transaction block and after an error in the extended protocol.
 *
 * <table>
 * <caption>States</caption>
 * <tr><th>state</th><th>entered by</th><th>left by</th></tr>
 * <tr><td>none</td><td></td><td></td></tr>
 * <tr><td>failed</td><td>loss of a server within a transaction block</td>
 *     <td>ROLLBACK or COMMIT, which says ROLLBACK</td></tr>
 * <tr><td>skipping</td><td>an error in the extended protocol, in either state</td><td>Sync</td></tr>
 * </table>
 */
final class LocalAnswers {
  /** An error for the next request that is not a ROLLBACK. */
  private @Nullable ServerReport untold;

  private boolean failed;
  private boolean skipping;
  private boolean endedHere;

  /** Answers are given here, not by a server. */
  boolean active() {
    return failed || skipping || endedHere || untold != null;
  }

  boolean failed() {
    return failed;
  }

  /** The transaction is lost; if the client has not been told, the next request tells it. */
  void fail(@Nullable ServerReport notTold) {
    failed = true;
    untold = notTold;
  }

  /** The next request gets this error, and only that. */
  void refuse(ServerReport error) {
    untold = error;
  }

  /** An error was told in the midst of a pipeline: what follows is ignored up to its Sync. */
  void skipToSync() {
    skipping = true;
  }

  boolean skipping() {
    return skipping;
  }

  byte status() {
    return failed ? TransactionStatus.FAILED : TransactionStatus.IDLE;
  }

  /**
   * Answers one message.
   *
   * @param flags of the statement it carries or binds, from {@link StatementScan}
   * @return false if a server must answer it after all
   */
  boolean take(byte type, int flags, boolean ofStatement, Gather out) {
    return switch (type) {
      case Protocol.Frontend.QUERY -> skipping || query(flags, out);
      case Protocol.Frontend.FUNCTION_CALL -> {
        if (!skipping) {
          error(out);
          ready(out);
        }
        yield true;
      }
      case Protocol.Frontend.SYNC -> {
        skipping = false;
        endedHere = false;
        ready(out);
        yield true;
      }
      case Protocol.Frontend.PARSE,
          Protocol.Frontend.BIND,
          Protocol.Frontend.DESCRIBE,
          Protocol.Frontend.EXECUTE,
          Protocol.Frontend.CLOSE ->
          skipping || extended(type, flags, ofStatement, out);
      default -> true;
    };
  }

  private boolean query(int flags, Gather out) {
    boolean several = (flags & StatementScan.SEVERAL) != 0;
    if (endedHere) {
      endedHere = false;
      return false;
    }
    if (!failed) {
      error(out);
      ready(out);
      return true;
    }
    if ((flags & StatementScan.FIRST_ROLLS_BACK) != 0) {
      end();
      if (several) {
        // a server that has no transaction open only warns about the ROLLBACK
        return false;
      }
      out.put(Messages.commandComplete("ROLLBACK"));
    } else if ((flags & StatementScan.FIRST_COMMITS) != 0) {
      failed = false;
      if (untold != null || several) {
        error(out);
      } else {
        out.put(Messages.commandComplete("ROLLBACK"));
      }
    } else if ((flags & StatementScan.EMPTY) != 0) {
      out.put(Messages.EMPTY_QUERY);
    } else {
      error(out);
    }
    ready(out);
    return true;
  }

  private boolean extended(byte type, int flags, boolean ofStatement, Gather out) {
    boolean ends = (flags & (StatementScan.FIRST_ROLLS_BACK | StatementScan.FIRST_COMMITS)) != 0;
    if (endedHere) {
      // a pipeline that goes on after its ROLLBACK was answered here
      endedHere = false;
      return false;
    }
    boolean commitsUntold = (flags & StatementScan.FIRST_COMMITS) != 0 && untold != null;
    if (type == Protocol.Frontend.CLOSE) {
      out.put(Messages.CLOSE_COMPLETE);
      return true;
    }
    if (!failed || !ends || (commitsUntold && type == Protocol.Frontend.EXECUTE)) {
      failed &= !(ends && type == Protocol.Frontend.EXECUTE);
      error(out);
      skipping = true;
      return true;
    }
    switch (type) {
      case Protocol.Frontend.PARSE -> out.put(Messages.PARSE_COMPLETE);
      case Protocol.Frontend.BIND -> out.put(Messages.BIND_COMPLETE);
      case Protocol.Frontend.DESCRIBE -> {
        if (ofStatement) {
          out.put(Messages.NO_PARAMETERS);
        }
        out.put(Messages.NO_DATA);
      }
      default -> {
        out.put(Messages.commandComplete("ROLLBACK"));
        end();
        endedHere = true;
      }
    }
    return true;
  }

  private void end() {
    failed = false;
    untold = null;
  }

  private void error(Gather out) {
    ServerReport report = untold;
    untold = null;
    if (report == null) {
      report = Reports.failedBlock();
    }
    out.put(Messages.error(report));
  }

  private void ready(Gather out) {
    out.put(Messages.ready(status()));
  }
}
