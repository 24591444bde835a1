package io.pgfleet.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the user wants to run: {@code fleet.yaml}, checked, every default filled in.
 *
 * @param name of the fleet
 * @param data the folder of all its data, absolute; absent where pgfleet chooses it
 * @param runAs the unprivileged user that runs the servers when pgfleet is started by root; absent
 *     where pgfleet chooses it
 * @param postgres which PostgreSQL, and its settings
 * @param groups at least one; code that reads them may not assume a single one
 * @param gateway where applications connect
 * @param consensus where agreement is kept
 * @param backup where backups and WAL are kept
 * @param users in the file's order
 * @param databases in the file's order, each owned by one of the users
 */
public record FleetSpec(
    FleetName name,
    Optional<Path> data,
    Optional<String> runAs,
    PostgresSpec postgres,
    List<GroupSpec> groups,
    GatewaySpec gateway,
    ConsensusSpec consensus,
    BackupSpec backup,
    List<UserSpec> users,
    List<DatabaseSpec> databases) {
  /**
   * Checks that there is a group and that every owner is a user.
   *
   * @throws IllegalArgumentException if not
   */
  public FleetSpec {
    groups = List.copyOf(groups);
    users = List.copyOf(users);
    databases = List.copyOf(databases);
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("a fleet has a group");
    }
    List<String> names = users.stream().map(UserSpec::name).toList();
    for (DatabaseSpec database : databases) {
      if (!names.contains(database.owner())) {
        throw new IllegalArgumentException(
            "no user " + database.owner() + ", the owner of database " + database.name());
      }
    }
  }
}
