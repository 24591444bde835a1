package io.pgfleet.agent.model;

import io.pgfleet.agent.decide.Action;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.agent.decide.NodeDecision;
import io.pgfleet.agent.decide.NodeView;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an agent reads and sees, and the real decision about it. */
final class Perception {
  /** The fingerprint of all that a decision rests on. */
  private record Situation(long high, long low) {}

  private final Flaw flaw;

  // Decisions depend on nothing but these keys, and come again and again.
  private final Fingerprint fingerprint = new Fingerprint();
  private final Map<Situation, Action> decisions = new HashMap<>();

  Perception(Flaw flaw) {
    this.flaw = flaw;
  }

  /**
   * The next action.
   *
   * @param followed whether all others say that they follow
   */
  Action decide(Turn turn, boolean followed) {
    Node node = turn.node();
    fingerprint.clear();
    turn.view().agreed().pack(fingerprint);
    fingerprint.add(turn.n(), 2);
    fingerprint.add(followed);
    fingerprint.add(node.yielding);
    fingerprint.add(node.data);
    fingerprint.add(node.running);
    fingerprint.add(node.standby);
    fingerprint.add(node.receiver != Node.NONE);
    fingerprint.add(node.sessionUpstream + 1, 3);
    fingerprint.add(node.log, 4 * Bounds.MOST_RECORDS);
    fingerprint.finish();
    Situation situation = new Situation(fingerprint.high(), fingerprint.low());
    return decisions.computeIfAbsent(situation, _ -> NodeDecision.decide(nodeView(turn, followed)));
  }

  /**
   * Everything a decision rests on.
   *
   * @param followed whether all others say that they follow; it decides if a lease is worth giving
   *     back, and any mixture of words amounts to one of the two
   */
  private NodeView nodeView(Turn turn, boolean followed) {
    Agreed agreed = turn.view().agreed();
    int n = turn.n();
    return new NodeView(
        SyncSets.name(n),
        false,
        Optional.of(believed(agreed.state())),
        agreed.lease(),
        agreed.leaseIsOf(n),
        members(agreed, n, followed),
        votes(agreed, n),
        Optional.empty(),
        turn.node().yielding,
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        false,
        Optional.empty(),
        false,
        look(turn.node()),
        false);
  }

  private GroupState believed(GroupState state) {
    SyncSet voters = state.voters();
    return flaw == Flaw.TOO_FEW_ANSWERS && !voters.isEmpty()
        ? state.withVoters(SyncSet.of(voters.members(), voters.members().size()))
        : state;
  }

  private List<Vote> votes(Agreed agreed, int n) {
    boolean forgotten = flaw == Flaw.VOTE_NOT_WITHDRAWN && agreed.holder != Agreed.NOBODY;
    return agreed.standing().stream()
        .filter(vote -> !forgotten || !vote.node().equals(SyncSets.name(n)))
        .toList();
  }

  private static Map<NodeName, Member> members(Agreed agreed, int n, boolean followed) {
    Map<NodeName, Member> members = new HashMap<>();
    for (int i = 0; i < agreed.serving.length; i++) {
      if (agreed.serving[i] != 0) {
        members.put(SyncSets.name(i), member(i, Member.Role.PRIMARY, agreed.serving[i]));
      } else if (followed && i != n) {
        members.put(SyncSets.name(i), member(i, Member.Role.STANDBY, agreed.term));
      }
    }
    return members;
  }

  private static Member member(int n, Member.Role role, int term) {
    return new Member(
        SyncSets.name(n),
        "host",
        5432,
        role,
        new Term(term),
        0,
        Optional.empty(),
        "",
        SyncSet.NONE,
        List.of());
  }

  private LocalServer look(Node node) {
    if (!node.data) {
      return new LocalServer.Absent();
    }
    if (!node.running) {
      return new LocalServer.Stopped(Agreed.SYSTEM);
    }
    int timeline = Log.timeline(node.log);
    Lsn end = new Lsn(Log.size(node.log));
    if (!node.standby) {
      return new LocalServer.Primary(Agreed.SYSTEM, timeline, end);
    }
    boolean receiving = node.receiver != Node.NONE && flaw != Flaw.VOTE_WHILE_RECEIVING;
    Optional<NodeName> upstream =
        node.sessionUpstream == Node.NONE
            ? Optional.empty()
            : Optional.of(SyncSets.name(node.sessionUpstream));
    return new LocalServer.Standby(Agreed.SYSTEM, timeline, end, upstream, receiving, true);
  }
}
