package io.pgfleet.agent.model;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Lease;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the group has agreed on. */
final class Agreed {
  static final long SYSTEM = 7;
  static final int NOBODY = -1;

  int term = 1;
  int leader;
  int voters = SyncSets.NONE;

  /** Who holds the lease, and for which term. */
  int holder = NOBODY;

  int leaseTerm;

  /** Whether the lease lives in a session of an earlier life of its holder's agent. */
  boolean stale;

  /** The votes that stand: 0 for none, else {@link #vote}. */
  final int[] votes;

  /** The term in which a node has said that it serves as primary; 0 for none. */
  final int[] serving;

  Agreed(int size) {
    votes = new int[size];
    serving = new int[size];
  }

  private Agreed(Agreed other) {
    term = other.term;
    leader = other.leader;
    voters = other.voters;
    holder = other.holder;
    leaseTerm = other.leaseTerm;
    stale = other.stale;
    votes = other.votes.clone();
    serving = other.serving.clone();
  }

  Agreed copy() {
    return new Agreed(this);
  }

  static int vote(int against, int log) {
    return (against << 8) | (Log.timeline(log) << 4) | Log.size(log);
  }

  static int against(int vote) {
    return vote >>> 8;
  }

  Vote decoded(int node) {
    int vote = votes[node];
    return new Vote(
        SyncSets.name(node), new Term(against(vote)), (vote >>> 4) & 0xf, new Lsn(vote & 0xf));
  }

  List<Vote> standing() {
    List<Vote> standing = new ArrayList<>();
    for (int node = 0; node < votes.length; node++) {
      if (votes[node] != 0) {
        standing.add(decoded(node));
      }
    }
    return standing;
  }

  GroupState state() {
    return new GroupState(SYSTEM, new Term(term), SyncSets.name(leader), SyncSets.decoded(voters));
  }

  Optional<Lease> lease() {
    return holder == NOBODY
        ? Optional.empty()
        : Optional.of(new Lease(SyncSets.name(holder), new Term(leaseTerm)));
  }

  boolean leaseIsOf(int node) {
    return holder == node && !stale;
  }

  void giveLease(int node, boolean toEarlierLife) {
    holder = node;
    leaseTerm = term;
    stale = toEarlierLife;
  }

  void endLease() {
    holder = NOBODY;
    leaseTerm = 0;
    stale = false;
  }

  void pack(Fingerprint into) {
    into.add(term, 3);
    into.add(leader, 2);
    into.add(voters, 7);
    into.add(holder + 1, 3);
    into.add(leaseTerm, 3);
    into.add(stale);
    for (int node = 0; node < votes.length; node++) {
      into.add(votes[node], 11);
      into.add(serving[node], 3);
    }
  }

  @Override
  public String toString() {
    return "term "
        + term
        + " of "
        + SyncSets.name(leader)
        + ", voters "
        + SyncSets.decoded(voters)
        + ", lease "
        + lease()
        + (stale ? " (earlier life)" : "")
        + ", votes "
        + standing();
  }
}
