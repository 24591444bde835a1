package io.pgfleet.gateway.admin;

import io.pgfleet.wire.ServerReport;

/** An admin command that is not carried out, and why. */
public final class AdminRefusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final String sqlState;

  public AdminRefusal(String sqlState, String message) {
    super(message);
    this.sqlState = sqlState;
  }

  /** As the client gets it. */
  ServerReport report() {
    return ServerReport.of("ERROR", sqlState, String.valueOf(getMessage()));
  }
}
