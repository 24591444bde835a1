package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;

/**
 * An operator's wish that the primary move.
 *
 * @param to the node to be primary
 * @param term the reign to end; the wish is void in any other
 */
public record PlannedMove(NodeName to, Term term) {}
