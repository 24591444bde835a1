package io.pgfleet.agent.decide;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Lease;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.PlannedMove;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.NodeName;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All that one decision rests on.
 *
 * @param me this agent's node
 * @param founder whether this node makes the group's data when there is none
 * @param state what the group has agreed on; empty before there was a primary
 * @param lease who holds the right to write, if anybody
 * @param leaseIsOurs whether it is this node's and of this agent's own session
 * @param members what the agents that are alive say of their nodes
 * @param votes all votes that stand
 * @param move an operator's wish, if there is one
 * @param yielding whether this node, the last primary, has just given the lease up and leaves it to
 *     others for a while
 * @param lossBound what a promotion may lose; empty where that is nothing
 * @param promised whether this node has promised a primary that can't reach the consensus servers
 *     to cast no vote now
 * @param neverPromote whether this node may not win an election, by its tag or for the moment; its
 *     vote is asked for by nobody, because no commit waits for it
 * @param relay the standby that this node receives from in place of the primary, if it has one that
 *     can serve for that
 * @param paused whether the group is under maintenance
 * @param ending the reign whose primary this standby has just seen end for a planned move
 * @param restart whether an operator wants this node's server restarted
 * @param server what runs here
 * @param hangs whether that has let questions or new connections wait for long
 */
public record NodeView(
    NodeName me,
    boolean founder,
    Optional<GroupState> state,
    Optional<Lease> lease,
    boolean leaseIsOurs,
    Map<NodeName, Member> members,
    List<Vote> votes,
    Optional<PlannedMove> move,
    boolean yielding,
    Optional<LossBound> lossBound,
    boolean promised,
    boolean neverPromote,
    Optional<Member> relay,
    boolean paused,
    Optional<Term> ending,
    boolean restart,
    LocalServer server,
    boolean hangs) {
  public NodeView {
    members = Collections.unmodifiableMap(new TreeMap<>(members));
    votes = List.copyOf(votes);
  }

  /** The same without what operators wish for. */
  NodeView withoutWishes() {
    return new NodeView(
        me,
        founder,
        state,
        lease,
        leaseIsOurs,
        members,
        votes,
        Optional.empty(),
        yielding,
        lossBound,
        promised,
        neverPromote,
        relay,
        paused,
        Optional.empty(),
        false,
        server,
        hangs);
  }

  /** Whom this node receives from while that one leads. */
  Member source(Member primary) {
    return relay.filter(node -> !node.node().equals(primary.node())).orElse(primary);
  }

  Optional<Vote> myVote() {
    return votes.stream().filter(vote -> vote.node().equals(me)).findFirst();
  }

  /** The wish, unless it was about another reign. */
  Optional<PlannedMove> moveIn(GroupState current) {
    return move.filter(wish -> wish.term().equals(current.term()));
  }
}
