package io.pgfleet.agent.decide;

import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Lease;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.PlannedMove;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.consensus.group.WrittenWal;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A view by node B, of a group that A leads in term 5 with voters B and C. */
final class Scene {
  static final long SYSTEM = 7;
  static final NodeName A = new NodeName("a");
  static final NodeName B = new NodeName("b");
  static final NodeName C = new NodeName("c");
  static final Term TERM = new Term(5);

  private final LocalServer server;
  private GroupState state = new GroupState(SYSTEM, TERM, A, SyncSet.of(List.of(B, C), 1));
  private Optional<Lease> lease = Optional.empty();
  private boolean ours;
  private boolean yielding;
  private Optional<Term> ending = Optional.empty();
  private boolean promised;
  private boolean hangs;
  private boolean neverPromote;
  private Optional<Member> relay = Optional.empty();
  private Optional<PlannedMove> move = Optional.empty();
  private Optional<LossBound> bound = Optional.empty();
  final Map<NodeName, Member> members = new HashMap<>();
  private final List<Vote> votes = new ArrayList<>();

  Scene(LocalServer server) {
    this.server = server;
  }

  Scene led(NodeName leader) {
    state =
        new GroupState(
            SYSTEM,
            TERM,
            leader,
            SyncSet.of(List.of(A, B, C).stream().filter(node -> !node.equals(leader)).toList(), 1));
    return this;
  }

  Scene voters(NodeName... voters) {
    state = state.withVoters(SyncSet.of(List.of(voters), 1));
    return this;
  }

  Scene hanging() {
    hangs = true;
    return this;
  }

  Scene neverPromoted() {
    neverPromote = true;
    return this;
  }

  /** A standby from which B receives in place of the primary. */
  Scene relayedBy(NodeName node) {
    relay = Optional.ofNullable(members.get(node));
    return this;
  }

  Scene promised() {
    promised = true;
    return this;
  }

  Scene mine() {
    ours = true;
    return led(B).leased(B, TERM);
  }

  Scene leased(NodeName holder, Term term) {
    lease = Optional.of(new Lease(holder, term));
    return this;
  }

  Scene member(NodeName node, Role role, Term term) {
    members.put(
        node,
        new Member(
            node, "localhost", 5432, role, term, 3, Optional.empty(), "", SyncSet.NONE, List.of()));
    return this;
  }

  /** A serves and waits for these, of which C streams or does not. */
  Scene waits(SyncSet names, boolean streaming) {
    members.put(
        A,
        new Member(
            A,
            "localhost",
            5432,
            Role.PRIMARY,
            TERM,
            3,
            Optional.empty(),
            "",
            names,
            streaming ? List.of(new Member.Standby(C, "streaming", "quorum", 0)) : List.of()));
    return this;
  }

  Scene vote(Vote vote) {
    votes.add(vote);
    return this;
  }

  Scene move(NodeName to, Term term) {
    move = Optional.of(new PlannedMove(to, term, false));
    return this;
  }

  Scene mayLose(long bytes, boolean graceOver) {
    state = state.withVoters(SyncSet.NONE);
    WrittenWal written = new WrittenWal(TERM, 3, new Lsn(110));
    bound = Optional.of(new LossBound(bytes, Optional.of(written), graceOver));
    return this;
  }

  Scene ending(Term term) {
    ending = Optional.of(term);
    return this;
  }

  Scene yielding() {
    yielding = true;
    return this;
  }

  Member primary() {
    return members.values().stream()
        .filter(member -> member.role() == Role.PRIMARY)
        .findFirst()
        .orElseThrow();
  }

  GroupState state() {
    return state;
  }

  Action decision() {
    return NodeDecision.decide(
        new NodeView(
            B,
            false,
            Optional.of(state),
            lease,
            ours,
            members,
            votes,
            move,
            yielding,
            bound,
            promised,
            neverPromote,
            relay,
            false,
            ending,
            false,
            server,
            hangs));
  }
}
