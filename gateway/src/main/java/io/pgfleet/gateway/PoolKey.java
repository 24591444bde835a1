package io.pgfleet.gateway;

import java.util.Map;
import java.util.TreeMap;

/**
 * Clients with equal keys share server connections.
 *
 * @param startup start-up parameters that servers do not report, so that they can't follow a
 *     client; servers are opened with them
 */
record PoolKey(String database, String user, Map<String, String> startup) {
  PoolKey {
    startup = Map.copyOf(startup);
  }

  static PoolKey of(Map<String, String> parameters) {
    String user = parameters.getOrDefault("user", "");
    Map<String, String> untracked = new TreeMap<>();
    parameters.forEach((name, value) -> {
      if (!name.equals("user")
          && !name.equals("database")
          && !name.equals("replication")
          && !SessionParameters.isTracked(name)) {
        untracked.put(name, value);
      }
    });
    String database = parameters.getOrDefault("database", "");
    return new PoolKey(database.isEmpty() ? user : database, user, untracked);
  }
}
