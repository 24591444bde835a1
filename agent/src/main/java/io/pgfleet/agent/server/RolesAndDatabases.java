package io.pgfleet.agent.server;

import java.util.List;

/**
 * The roles and databases that a fleet's primary should have.
 *
 * @param accounts pgfleet's own roles
 * @param gatewaySchema statements that give the gateway's role what it may use; run once
 */
public record RolesAndDatabases(
    Accounts accounts, List<User> users, List<Database> databases, String gatewaySchema) {
  public RolesAndDatabases {
    users = List.copyOf(users);
    databases = List.copyOf(databases);
  }

  /** A role of the user's, with its password. */
  public record User(String name, boolean superuser, String password) {
    @Override
    public String toString() {
      return "User[" + name + "]";
    }
  }

  /** A database and its owner. */
  public record Database(String name, String owner) {}
}
