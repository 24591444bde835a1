package io.pgfleet.agent.decide;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.consensus.group.WrittenWal;
import java.util.Optional;

/**
 * What a group whose commits wait for nobody may lose by a promotion.
 *
 * <p>A standby's WAL of the last primary's timeline is a beginning of that primary's. Of the WAL
 * that the primary had when it last said how far it goes, a standby that is promoted lacks at most
 * {@code bytes}. Of what the primary wrote after that it may lack everything; a primary says it
 * once a second, and can't while it is cut off from the agreed state, which is no longer than its
 * lease.
 *
 * @param bytes the most that a standby may be known to lack
 * @param written the last word of a primary on its WAL, of whichever term
 * @param graceOver whether the last primary has had its time to come back
 */
public record LossBound(long bytes, Optional<WrittenWal> written, boolean graceOver) {
  /** Why the one with the most WAL may not be promoted, a sentence for people; empty if it may. */
  Optional<String> objection(GroupState state, Vote best) {
    WrittenWal last = written.filter(seen -> seen.term().equals(state.term())).orElse(null);
    if (last == null) {
      return Optional.of(
          state.leader()
              + " has not said how far its WAL goes in term "
              + state.term()
              + ", so nobody knows what the standbys lack");
    }
    if (best.timeline() != last.timeline()) {
      return Optional.of(
          best.node()
              + " has WAL of timeline "
              + best.timeline()
              + " and not of the last primary's, "
              + last.timeline());
    }
    long lacking = last.position().minus(best.flushed());
    if (lacking > bytes) {
      return Optional.of(
          best.node()
              + ", the furthest standby, lacks "
              + lacking
              + " bytes of the WAL of "
              + state.leader()
              + ", more than max_lag_on_failover ("
              + bytes
              + " bytes)");
    }
    return graceOver
        ? Optional.empty()
        : Optional.of("for " + state.leader() + ", which may come back at once");
  }
}
