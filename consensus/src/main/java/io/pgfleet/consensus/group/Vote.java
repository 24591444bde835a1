package io.pgfleet.consensus.group;

import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;

/**
 * A standby's word in an election: it has stopped receiving WAL, will not receive any before it has
 * withdrawn this vote, and holds WAL up to here.
 *
 * @param against the term whose end the vote is about; it counts for no other
 * @param timeline the timeline of the WAL it holds
 * @param flushed the end of the WAL it has on disk
 */
public record Vote(NodeName node, Term against, int timeline, Lsn flushed) {}
