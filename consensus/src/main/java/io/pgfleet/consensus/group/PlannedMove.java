package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;

/**
 * An operator's wish that the primary move.
 *
 * @param to the node to be primary
 * @param term the reign to end; the wish is void in any other
 * @param force whether to end transactions that do not end by themselves in time; without it the
 *     move is given up
 */
public record PlannedMove(NodeName to, Term term, boolean force) {}
