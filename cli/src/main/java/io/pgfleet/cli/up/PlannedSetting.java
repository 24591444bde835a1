package io.pgfleet.cli.up;

import io.pgfleet.agent.server.SettingsInquiry.Known;
import io.pgfleet.postgres.StandbyMinimums;
import java.util.Optional;

/**
 * One PostgreSQL setting that is to change.
 *
 * @param from the value that the primary runs with; empty for a setting it does not know yet
 * @param to the value in fleet.yaml; empty where the file no longer has the setting
 */
record PlannedSetting(String name, Optional<Known> from, Optional<String> to) {
  /** Whether only a restart changes it. */
  boolean needsRestart() {
    return from.map(Known::needsRestart).orElse(false);
  }

  /** Whether a server that has read the file will say that this waits for its restart. */
  boolean waitsForRestart() {
    return needsRestart() && !from.map(Known::bySystem).orElse(false);
  }

  /** Whether the primary must have the new value before its standbys may. */
  boolean shrinks() {
    return from.isPresent()
        && to.isPresent()
        && StandbyMinimums.shrinks(name, from.get().value(), to.get());
  }

  private boolean isStandbyMinimum() {
    return StandbyMinimums.names().contains(name);
  }

  /** The change in one line. */
  String line() {
    return "  %s: %s -> %s  (%s)"
        .formatted(
            name, from.map(Known::value).orElse("not known"), to.orElse("its default"), how());
  }

  private String how() {
    if (from.map(Known::bySystem).orElse(false)) {
      return "without effect: ALTER SYSTEM has set it, which wins; ALTER SYSTEM RESET ends that";
    }
    if (!needsRestart()) {
      boolean atLogin = from.map(known -> known.context().endsWith("backend")).orElse(false);
      return atLogin ? "at once, for new sessions" : "at once, by a reload";
    }
    if (shrinks()) {
      return "by restarts, the primary first";
    }
    return isStandbyMinimum() ? "by restarts, the standbys first" : "by restarts, one by one";
  }
}
