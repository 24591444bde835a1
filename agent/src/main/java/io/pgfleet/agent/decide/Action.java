package io.pgfleet.agent.decide;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.NodeName;
import java.util.List;

/** One thing for an agent to do next. Each can be tried again after it was cut short. */
public sealed interface Action {
  /**
   * Nothing to do until something changes.
   *
   * @param why a short phrase for people
   */
  record Await(String why) implements Action {}

  /** Nothing, for a moment: the primary that this standby has just lost is about to give way. */
  record Expect() implements Action {}

  /** Make the group's first data, and with it the first reign. */
  record Found() implements Action {}

  /** Take the lease for a reign that is this node's already. */
  record ResumeLease(GroupState state) implements Action {}

  /**
   * Give the lease back so that another may begin the next reign.
   *
   * @param why a short phrase for people
   */
  record YieldLease(String why) implements Action {}

  /** Start the server as the primary it was. The lease is held. */
  record StartPrimary() implements Action {}

  /** Start the server in recovery, receiving nothing. */
  record StartSealed() implements Action {}

  /** Stop a server that accepts writes without the right to. */
  record StopAtOnce(String why) implements Action {}

  /** Stop the primary so that every standby has all of its WAL, then give the lease back. */
  record HandOver(NodeName to) implements Action {}

  /** Restart the server in its place: a primary with applications held back. */
  record Restart() implements Action {}

  /** Cut the standby from its upstream. */
  record Seal() implements Action {}

  /** Say how far the sealed standby's WAL goes. */
  record CastVote(Vote vote) implements Action {}

  /** Take the vote back; only then may WAL be received again. */
  record WithdrawVote(Vote vote) implements Action {}

  /**
   * Begin the next reign: one commit that takes the term and the lease if neither the state nor a
   * counted vote has changed.
   */
  record TakeTerm(GroupState from, List<Vote> counted) implements Action {
    public TakeTerm {
      counted = List.copyOf(counted);
    }
  }

  /** Take the server out of recovery. The lease is held. */
  record Promote(GroupState state) implements Action {}

  /** Serve: look after standbys, slots and the synchronous set. */
  record Lead(GroupState state) implements Action {}

  /**
   * Make this node's data from that of a server.
   *
   * @param source the primary, or a standby of its reign
   */
  record Clone(Member source) implements Action {}

  /**
   * Receive WAL of the primary, or of the node that is about to be it: go on, rewind or be cloned
   * anew, whichever the WAL allows.
   *
   * @param source whom to receive it from: the primary, or a standby of its reign
   * @param agrees whether the votes show already that it may go on
   */
  record Join(Member primary, Member source, LocalServer.Standby here, boolean agrees)
      implements Action {
    /** From the primary itself. */
    public Join(Member primary, LocalServer.Standby here, boolean agrees) {
      this(primary, primary, here, agrees);
    }
  }

  /**
   * Go on following.
   *
   * @param source whom WAL is received from: the primary, or a standby of its reign
   */
  record Follow(Member primary, Member source) implements Action {
    /** Receiving from the primary itself. */
    public Follow(Member primary) {
      this(primary, primary);
    }
  }
}
