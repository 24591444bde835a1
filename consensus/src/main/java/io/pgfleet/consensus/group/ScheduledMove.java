package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;
import java.time.Instant;
import java.util.Optional;

/**
 * An operator's wish that the primary move at some time.
 *
 * @param to the node to be primary; empty for the best standby at that time
 * @param at by the clock of the primary's host
 * @param force as in {@link PlannedMove}
 */
public record ScheduledMove(Optional<NodeName> to, Instant at, boolean force) {}
