package io.pgfleet.consensus.group;

import io.pgfleet.wire.Lsn;

/**
 * How far a primary had written its WAL when it last said so. It outlives the primary's session, so
 * that what a standby lacks can be judged when the primary is gone.
 *
 * @param term the reign in which it was written
 * @param timeline the timeline of that WAL
 * @param position the end of the WAL then; more may have been written since
 */
public record WrittenWal(Term term, int timeline, Lsn position) {}
