package io.pgfleet.gateway;

import java.util.Map;

/**
 * The settings of all pools: a default, and what databases and users have otherwise. Where both say
 * something, the user's word counts, as with PgBouncer.
 */
public record PoolRules(
    PoolSettings defaults, Map<String, PoolOverride> databases, Map<String, PoolOverride> users) {
  public PoolRules {
    databases = Map.copyOf(databases);
    users = Map.copyOf(users);
  }

  /** One for all. */
  public static PoolRules of(PoolSettings defaults) {
    return new PoolRules(defaults, Map.of(), Map.of());
  }

  /** What holds for a database and user. */
  public PoolSettings of(String database, String user) {
    PoolOverride ofDatabase = databases.getOrDefault(database, PoolOverride.NONE);
    PoolOverride ofUser = users.getOrDefault(user, PoolOverride.NONE);
    PoolSettings settings = ofUser.over(ofDatabase.over(defaults));
    return settings.with(draft -> {
      draft.maxDbConnections = ofDatabase.maxConnections().orElse(settings.maxDbConnections());
      draft.maxUserConnections = ofUser.maxConnections().orElse(settings.maxUserConnections());
    });
  }
}
