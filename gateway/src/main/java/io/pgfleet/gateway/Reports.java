package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.time.Duration;

/** The gateway's own errors to clients. */
final class Reports {
  /** The connection is ended on purpose. */
  static ServerReport killed(String why) {
    return ServerReport.of("FATAL", SqlState.ADMIN_SHUTDOWN, why);
  }

  /** No new client may come. */
  static ServerReport disabled(String database) {
    return ServerReport.of(
            "FATAL", "55000", "database \"" + database + "\" does not take new clients now")
        .with(ServerReport.HINT, "An administrator has disabled it; ENABLE lets clients in again.");
  }

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

  /** What was under way when a server was lost, outside of a transaction block. */
  static ServerReport cutOff(String why, boolean standby) {
    return standby ? readLost(why) : unknown(why);
  }

  /** A standby was lost after part of its answer had been shown. */
  static ServerReport readLost(String why) {
    return ServerReport.of(
            "ERROR",
            SqlState.SERIALIZATION_FAILURE,
            "the standby was lost before it had answered the whole request")
        .with(ServerReport.DETAIL, "The server connection ended: " + why)
        .with(ServerReport.HINT, "Nothing was changed; run the request again.");
  }

  /** A statement that looked like a read turned out to write after rows of it had been shown. */
  static ServerReport wroteAfterAll() {
    return ServerReport.of(
            "ERROR",
            SqlState.SERIALIZATION_FAILURE,
            "a statement that looked as if it only read was on a standby, and began to write after"
                + " it had given rows")
        .with(
            ServerReport.HINT,
            "Nothing was changed. Run it again: it goes to the primary from now on.");
  }

  /** No standby may serve a read, and the settings say that it fails then. */
  static ServerReport standbysBehind() {
    return ServerReport.of(
            "ERROR",
            SqlState.CANNOT_CONNECT_NOW,
            "no standby may serve this read now: all are too far behind, or away")
        .with(
            ServerReport.HINT,
            "Run it later, or let such reads go to the primary (all_behind: primary).");
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

  /** query_timeout: the statement was cancelled. */
  static ServerReport queryTimeout() {
    return ServerReport.of(
        "ERROR", SqlState.QUERY_CANCELED, "canceling statement due to query_timeout");
  }

  /** transaction_timeout, for a statement that was cancelled or the next one. */
  static ServerReport transactionTimeout() {
    return ServerReport.of(
            "ERROR", SqlState.TRANSACTION_TIMEOUT, "transaction_timeout: it was rolled back")
        .with(ServerReport.HINT, "Roll back and run the transaction again, in shorter parts.");
  }

  /** idle_transaction_timeout. */
  static ServerReport idleTransactionTimeout() {
    return ServerReport.of(
            "ERROR",
            SqlState.IDLE_IN_TRANSACTION_TIMEOUT,
            "idle_transaction_timeout: the transaction was rolled back")
        .with(ServerReport.HINT, "Roll back and run the transaction again.");
  }

  /** client_idle_timeout. */
  static ServerReport idleTooLong() {
    return ServerReport.of(
        "FATAL", SqlState.IDLE_SESSION_TIMEOUT, "client_idle_timeout: closing the connection");
  }

  /** A transaction block in statement mode. */
  static ServerReport noBlocks() {
    return ServerReport.of(
            "ERROR",
            SqlState.FEATURE_NOT_SUPPORTED,
            "transaction blocks not allowed in statement pooling mode")
        .with(ServerReport.HINT, "Use pool_mode transaction for this database or user.");
  }

  /** A pipeline that never ends. */
  static ServerReport endlessPipeline(int messages) {
    return ServerReport.of(
            "FATAL",
            SqlState.PROGRAM_LIMIT_EXCEEDED,
            "more than " + messages + " messages are under way in one pipeline")
        .with(ServerReport.HINT, "Send a Sync, and read the answers, from time to time.");
  }

  /** A client that does not take its notifications. */
  static ServerReport tooManyNotifications() {
    return ServerReport.of(
            "FATAL",
            SqlState.CONFIGURATION_LIMIT_EXCEEDED,
            "too many notifications wait for this client")
        .with(ServerReport.HINT, "Read notifications, and don't stay in a transaction for long.");
  }

  /** What a listening client is told after the shared listener was away, as a whole message. */
  static byte[] notificationsMissed() {
    return Messages.of(
        Protocol.Backend.NOTICE_RESPONSE,
        ServerReport.of(
                "WARNING",
                SqlState.WARNING,
                "notifications may have been missed while the gateway's listener was not connected")
            .with(ServerReport.HINT, "Look at what the notifications are about once more.")
            .encode());
  }

  /** A client that prepares without end. */
  static ServerReport tooManyStatements(int most) {
    return ServerReport.of(
            "FATAL",
            SqlState.PROGRAM_LIMIT_EXCEEDED,
            "this client has more than " + most + " prepared statements")
        .with(ServerReport.HINT, "Close the statements that are no longer needed.");
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
