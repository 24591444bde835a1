package io.pgfleet.gateway;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What people have told the gateway to hold back. Written seldom, read by loops all the time. */
final class Holds {
  private volatile boolean paused;
  private volatile boolean suspended;
  private volatile Set<String> pausedDatabases = Set.of();
  private volatile Set<String> disabledDatabases = Set.of();

  /** No transaction begins anywhere. */
  boolean paused() {
    return paused;
  }

  void paused(boolean on) {
    paused = on;
  }

  /** Whether no transaction begins in a database. */
  boolean paused(String database) {
    return paused || (!pausedDatabases.isEmpty() && pausedDatabases.contains(database));
  }

  Set<String> pausedDatabases() {
    return pausedDatabases;
  }

  /** Pauses or resumes one database; false if it was so before. */
  synchronized boolean paused(String database, boolean on) {
    Set<String> changed = changed(pausedDatabases, database, on);
    if (changed != null) {
      pausedDatabases = changed;
    }
    return changed != null;
  }

  /** Nothing more is read from clients. */
  boolean suspended() {
    return suspended;
  }

  void suspended(boolean on) {
    suspended = on;
  }

  boolean disabled(String database) {
    return disabledDatabases.contains(database);
  }

  Set<String> disabledDatabases() {
    return disabledDatabases;
  }

  /** Lets new clients into a database, or not; false if it was so before. */
  synchronized boolean disabled(String database, boolean on) {
    Set<String> changed = changed(disabledDatabases, database, on);
    if (changed != null) {
      disabledDatabases = changed;
    }
    return changed != null;
  }

  private static @Nullable Set<String> changed(Set<String> all, String one, boolean on) {
    Set<String> copy = new HashSet<>(all);
    boolean differs = on ? copy.add(one) : copy.remove(one);
    return differs ? Set.copyOf(copy) : null;
  }
}
