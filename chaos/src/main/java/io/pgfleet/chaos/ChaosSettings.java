package io.pgfleet.chaos;

import io.pgfleet.chaos.plan.FaultKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What a run is to be.
 *
 * @param time after which no new fault begins
 * @param faults the most that are done
 * @param kinds those that may come
 * @param folder where everything lies while it runs
 * @param strict whether writes wait rather than go unprotected when too few standbys are there
 * @param postgres an installed PostgreSQL; empty for the one that the program brings along
 * @param heal how long the group may take to be whole after a fault was taken back
 */
public record ChaosSettings(
    long seed,
    Duration time,
    int faults,
    Set<FaultKind> kinds,
    Path folder,
    Duration lease,
    boolean strict,
    Optional<Path> postgres,
    Duration heal) {
  public ChaosSettings {
    kinds = Set.copyOf(kinds);
  }
}
