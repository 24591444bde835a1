package io.pgfleet.postgres;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The settings of which a standby needs at least as much as its primary has, or it stops replaying
 * (PostgreSQL manual, 'Hot Standby', Administrator's Overview). They grow on standbys first and
 * shrink on the primary first.
 *
 * <p>A standby is therefore never configured with less than the WAL has told of its primary,
 * whatever the user's settings say: one that is restarted between the two steps of a change, or
 * after a failover in the middle of it, still replays.
 */
public final class StandbyMinimums {
  /** PostgreSQL's own defaults, and pgfleet's where it has one. */
  private static final Map<String, Integer> DEFAULTS =
      Map.of(
          "max_connections", 100,
          "max_worker_processes", 8,
          "max_wal_senders", 16,
          "max_prepared_transactions", 0,
          "max_locks_per_transaction", 64);

  private StandbyMinimums() {}

  /** Their names. */
  public static Set<String> names() {
    return DEFAULTS.keySet();
  }

  /**
   * Whether a change lessens one of them; a value that is no number is for PostgreSQL to refuse.
   */
  public static boolean shrinks(String name, String from, String to) {
    try {
      return DEFAULTS.containsKey(name)
          && Integer.parseInt(to.strip()) < Integer.parseInt(from.strip());
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** The user's settings, raised where the primary has more. */
  static Map<String, String> raised(Map<String, String> user, Map<String, Integer> primary) {
    Map<String, String> raised = new TreeMap<>(user);
    DEFAULTS.forEach((name, usual) -> {
      int least = primary.getOrDefault(name, 0);
      String own = user.getOrDefault(name, Integer.toString(usual));
      if (shrinks(name, Integer.toString(least), own)) {
        raised.put(name, Integer.toString(least));
      }
    });
    return raised;
  }
}
