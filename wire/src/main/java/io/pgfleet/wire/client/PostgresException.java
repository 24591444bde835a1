package io.pgfleet.wire.client;

import io.pgfleet.wire.ServerReport;

/** The server answered with an error. The connection stays usable unless it says it is broken. */
public final class PostgresException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ServerReport report;

  public PostgresException(ServerReport report) {
    super(report.severity() + ": " + report.message() + " (SQLSTATE " + report.sqlState() + ")");
    this.report = report;
  }

  /** All the server said: detail, hint, position. */
  public ServerReport report() {
    return report;
  }

  /** The five characters of {@link io.pgfleet.wire.SqlState}. */
  public String sqlState() {
    return report.sqlState();
  }
}
