package io.pgfleet.gateway;

import io.pgfleet.gateway.topology.Target;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.time.Duration;

/** The gateway's own errors to clients. */
final class Reports {
  private Reports() {}

  /** What PostgreSQL says to a statement in a failed transaction block. */
  static ServerReport failedBlock() {
    return ServerReport.of(
        "ERROR",
        SqlState.IN_FAILED_TRANSACTION,
        "current transaction is aborted, commands ignored until end of transaction block");
  }

  /** The server that held temporary tables, a LISTEN and the like is gone. */
  static ServerReport sessionLost(String what, String why) {
    return ServerReport.of(
            "FATAL", SqlState.ADMIN_SHUTDOWN, "the server that kept this session's state was lost")
        .with(ServerReport.DETAIL, (what.isEmpty() ? "" : "Kept: " + what + ". ") + why)
        .with(ServerReport.HINT, "Connect again.");
  }

  /** No server came free for a request. */
  static ServerReport waitedTooLong(Duration bound, boolean primary) {
    return ServerReport.of(
            "ERROR",
            SqlState.QUERY_CANCELED,
            "query_wait_timeout: no server came free in " + bound.toMillis() + " ms")
        .with(
            ServerReport.HINT,
            primary
                ? "All server connections of the pool are busy; look for long transactions."
                : "The fleet has no primary now; nothing was run.");
  }

  static ServerReport loginTooLong() {
    return ServerReport.of(
        "FATAL", SqlState.CANNOT_CONNECT_NOW, "the login took too long: no server");
  }

  static ServerReport shutDown() {
    return ServerReport.of(
        "FATAL", SqlState.ADMIN_SHUTDOWN, "terminating connection due to administrator command");
  }

  /**
   * An open transaction went with its server. The code is PostgreSQL's own for a backend that is
   * told to end, since that is what drivers and their retry rules know for it.
   */
  static ServerReport rolledBack(String why) {
    return ServerReport.of(
            "ERROR",
            SqlState.ADMIN_SHUTDOWN,
            "the transaction was rolled back since its server was lost")
        .with(ServerReport.DETAIL, "The server connection ended: " + why)
        .with(ServerReport.HINT, "Roll back and run the transaction again.");
  }

  /** Whether the statement, or the COMMIT, took effect can't be known. */
  static ServerReport unknown(String why) {
    return ServerReport.of(
            "ERROR",
            SqlState.CONNECTION_FAILURE,
            "the server was lost before it said whether the statement took effect")
        .with(ServerReport.DETAIL, "The server connection ended: " + why)
        .with(
            ServerReport.HINT,
            "Look whether the change is there before running the statement again.");
  }

  /** The TLS of a server is not as it must be. */
  static ServerReport serverTls(Target target, Exception failure) {
    return ServerReport.of(
            "FATAL",
            SqlState.INVALID_AUTHORIZATION,
            "TLS between the gateway and server "
                + target.node()
                + " failed: "
                + failure.getMessage())
        .with(
            ServerReport.HINT,
            "Compare the server's certificate with the gateway's settings of TLS to servers.");
  }
}
