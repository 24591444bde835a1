package io.pgfleet.chaos.plan;

import java.time.Duration;

/**
 * One fault of a plan. Whom it hits is said by role, since who has the role when it comes depends
 * on the faults before.
 *
 * @param number from 1
 * @param victim which node is hit, where the kind hits one
 * @param peer which of the other nodes, in their order, is the far end where the kind has one
 * @param lasting how long until it is taken back
 * @param calm how long the whole group is left alone afterwards
 */
public record Fault(
    int number, FaultKind kind, Victim victim, int peer, Duration lasting, Duration calm) {
  /** A node by its role at the time. */
  public enum Victim {
    PRIMARY,
    FIRST_STANDBY,
    LAST_STANDBY
  }

  @Override
  public String toString() {
    return number
        + " "
        + kind.label()
        + " "
        + victim.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
        + (lasting.isZero() ? "" : " for " + lasting.toMillis() + " ms");
  }
}
