package io.pgfleet.backup.restore;

import io.pgfleet.wire.Lsn;

/**
 * WAL that a repository does not have on the way to a timeline, though it has some that follows.
 *
 * @param timeline on which it begins
 * @param to where what is there goes on, perhaps on a later timeline
 * @param lost whether the server no longer had it when it was due; else it was deleted, or never
 *     put
 */
public record MissingWal(int timeline, Lsn from, Lsn to, boolean lost) {
  /** What is to be told. */
  public String sentence() {
    return lost
        ? "WAL was lost: from "
            + from
            + " on timeline "
            + timeline
            + " to "
            + to
            + " it was gone from the server before it was archived."
        : "WAL is missing in the repository: on timeline "
            + timeline
            + " it ends at "
            + from
            + ", and there is more behind, from "
            + to
            + " on.";
  }

  /** Whether a position is in it. */
  public boolean holds(Lsn position) {
    return position.reaches(from) && !position.reaches(to);
  }

  /** Whether both begin at the same place; more may have come behind one of them. */
  public boolean beginsAs(MissingWal other) {
    return timeline == other.timeline && from.equals(other.from);
  }
}
