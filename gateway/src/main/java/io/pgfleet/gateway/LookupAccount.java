package io.pgfleet.gateway;

/**
 * How the gateway itself logs in to read verifiers through {@code pgfleet.user_login}.
 *
 * @param database where {@link GatewaySchema#sql} was run, usually {@code postgres}
 */
public record LookupAccount(String database, String user, String password) {
  @Override
  public String toString() {
    return "LookupAccount[database=" + database + ", user=" + user + "]";
  }
}
