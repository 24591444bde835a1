package io.pgfleet.gateway;

import io.pgfleet.gateway.auth.Attempt;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.net.InetAddress;

/** What is said to clients that may not log in, in PostgreSQL's words where it has some. */
final class AuthReports {
  private AuthReports() {}

  private static ServerReport refusal(String message) {
    return ServerReport.of("FATAL", SqlState.INVALID_AUTHORIZATION, message);
  }

  /** No rule fits, or one that rejects. */
  static ServerReport noRule(Attempt attempt, boolean rejected) {
    String who =
        "host \""
            + attempt.address().map(InetAddress::getHostAddress).orElse("[local]")
            + "\", user \""
            + attempt.user()
            + "\", database \""
            + attempt.database()
            + "\", "
            + (attempt.encrypted() ? "SSL encryption" : "no encryption");
    return refusal(
            rejected
                ? "pg_hba.conf rejects connection for " + who
                : "no pg_hba.conf entry for " + who)
        .with(ServerReport.HINT, "These are the rules of the gateway, not those of the server.");
  }

  static ServerReport tlsRequired() {
    return refusal("the gateway takes connections with TLS only")
        .with(ServerReport.HINT, "Connect with sslmode=require, or better verify-full.");
  }

  static ServerReport tooManyFailures() {
    return refusal("too many failed logins from this address")
        .with(ServerReport.HINT, "Try again in some seconds, with the right password.");
  }

  static ServerReport certificateMissing(boolean authorities) {
    ServerReport report = refusal("connection requires a valid client certificate");
    return authorities
        ? report
        : report.with(
            ServerReport.HINT,
            "The gateway has no file of authorities, so it can't ask clients for certificates.");
  }

  /** Somebody is not who he says; a method's name as PostgreSQL writes it there. */
  static ServerReport failed(String method, String user) {
    return refusal(method + " authentication failed for user \"" + user + "\"");
  }

  static ServerReport wrongUserSecret(String user) {
    return refusal(
            "the password of user \""
                + user
                + "\" in the gateway's file of user secrets is not that of the server")
        .with(ServerReport.HINT, "Put the present password there.");
  }
}
