package io.pgfleet.agent.server;

/**
 * The roles that pgfleet itself uses on every server of a fleet, with their passwords.
 *
 * @param superuserPassword of {@code postgres}: agents on their own server
 * @param replicationPassword of {@code pgfleet_replication}: standbys, base backups
 * @param gatewayPassword of {@code pgfleet_gateway}: reads the verifiers of users
 */
public record Accounts(
    String superuserPassword, String replicationPassword, String gatewayPassword) {
  public static final String SUPERUSER = "postgres";
  public static final String REPLICATION = "pgfleet_replication";
  public static final String GATEWAY = "pgfleet_gateway";

  @Override
  public String toString() {
    return "Accounts[secret]";
  }
}
