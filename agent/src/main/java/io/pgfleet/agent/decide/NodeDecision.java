package io.pgfleet.agent.decide;

import io.pgfleet.agent.decide.Election.Outcome;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Lease;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.PlannedMove;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.util.Optional;

/**
 * What an agent does next.
 *
 * <table>
 * <caption>By who holds the lease and what runs here</caption>
 * <tr><th></th><th>I hold it</th><th>another holds it</th><th>nobody holds it</th></tr>
 * <tr><td>no data</td><td>give it back</td><td>clone once its server serves</td><td>wait</td></tr>
 * <tr><td>stopped</td><td>give it back if a standby can take over, else start</td>
 *     <td>start sealed</td><td>last primary: take it, unless yielding; else start sealed</td></tr>
 * <tr><td>silent</td><td>wait; one that hangs: stop at once if a standby can take over</td>
 *     <td>wait</td><td>wait</td></tr>
 * <tr><td>standby</td><td>promote</td><td>withdraw the vote if it counts, then join</td>
 *     <td>last primary: take it; else seal, vote, count</td></tr>
 * <tr><td>primary</td><td>lead</td><td>stop at once</td>
 *     <td>last primary: take it; else stop at once</td></tr>
 * </table>
 */
public final class NodeDecision {
  /** Whoever lacks more than a segment has to ask whether the WAL between is still there. */
  private static final long NEAR_BYTES = 16L << 20;

  private NodeDecision() {}

  /** The next action; a function of the view alone. */
  public static Action decide(NodeView view) {
    return view.paused()
        ? Maintenance.only(decideAtWork(view.withoutWishes()), view)
        : decideAtWork(view);
  }

  private static Action decideAtWork(NodeView view) {
    if (view.state().isEmpty()) {
      return beforeTheFirstReign(view);
    }
    GroupState state = view.state().get();
    Optional<String> stranger = stranger(view, state);
    if (stranger.isPresent()) {
      return new Action.Await(stranger.get());
    }
    if (view.lease().isEmpty()) {
      return withoutLease(view, state);
    }
    Lease lease = view.lease().get();
    if (view.leaseIsOurs()) {
      return asHolder(view, state, lease);
    }
    if (lease.holder().equals(view.me())) {
      // An earlier life of this agent took it and its session has not run out yet.
      return new Action.ResumeLease(state);
    }
    return underAnother(view, lease);
  }

  private static Action beforeTheFirstReign(NodeView view) {
    return view.founder() ? new Action.Found() : new Action.Await("for the group's first data");
  }

  private static Optional<String> stranger(NodeView view, GroupState state) {
    long here =
        switch (view.server()) {
          case LocalServer.Absent() -> state.systemIdentifier();
          case LocalServer.Stopped(long identifier) -> identifier;
          case LocalServer.Silent(long identifier) -> identifier;
          case LocalServer.Primary primary -> primary.systemIdentifier();
          case LocalServer.Standby standby -> standby.systemIdentifier();
        };
    return here == state.systemIdentifier()
        ? Optional.empty()
        : Optional.of(
            "its data folder belongs to another cluster (system identifier "
                + Long.toUnsignedString(here)
                + ", the group's is "
                + Long.toUnsignedString(state.systemIdentifier())
                + "); move the folder away to have it made anew");
  }

  private static Action asHolder(NodeView view, GroupState state, Lease lease) {
    if (!lease.term().equals(state.term())) {
      return new Action.YieldLease("the lease is of term " + lease.term());
    }
    if (view.hangs() && !view.paused() && replaceable(view, state)) {
      return new Action.StopAtOnce("it hangs, and a standby can take over");
    }
    return switch (view.server()) {
      case LocalServer.Absent() -> new Action.YieldLease("the data folder is gone");
      case LocalServer.Stopped(_) ->
          replaceable(view, state)
              ? new Action.YieldLease("the server has died")
              : new Action.StartPrimary();
      case LocalServer.Silent(_) -> new Action.Await("for the server to answer");
      case LocalServer.Standby _ -> new Action.Promote(state);
      case LocalServer.Primary(_, _, _) -> {
        Optional<PlannedMove> move =
            view.moveIn(state).filter(wish -> !wish.to().equals(view.me()));
        // With too few others to elect anybody it would only be away for a while, and come back.
        yield move.isPresent()
                && standbyOf(view, state, move.get().to())
                && enoughStand(view, state)
            ? new Action.HandOver(move.get().to())
            : view.restart() ? new Action.Restart() : new Action.Lead(state);
      }
    };
  }

  /** Whether enough voters follow to elect one of them, so that handing over beats restarting. */
  private static boolean replaceable(NodeView view, GroupState state) {
    return !view.yielding() && !state.voters().isEmpty() && enoughStand(view, state);
  }

  /** Whether as many voters follow as an election needs to answer. */
  private static boolean enoughStand(NodeView view, GroupState state) {
    long standing =
        state.voters().members().stream().filter(node -> standbyOf(view, state, node)).count();
    return standing >= state.voters().answersNeeded();
  }

  private static boolean standbyOf(NodeView view, GroupState state, NodeName node) {
    Member member = view.members().get(node);
    return member != null
        && member.role() == Role.STANDBY
        && member.term().equals(state.term())
        && state.voters().contains(node);
  }

  private static Action underAnother(NodeView view, Lease lease) {
    Optional<Member> holder = Optional.ofNullable(view.members().get(lease.holder()));
    Optional<Member> primary =
        holder
            .filter(member -> member.role() == Role.PRIMARY)
            .filter(member -> member.term().equals(lease.term()));
    return switch (view.server()) {
      case LocalServer.Primary(_, _, _) ->
          new Action.StopAtOnce(
              lease.holder() + " is the primary of term " + lease.term() + " now");
      case LocalServer.Silent(_) -> new Action.Await("for the server to answer");
      case LocalServer.Stopped(_) ->
          view.yielding() && !isServed(view, lease, primary)
              ? new Action.Await("until " + lease.holder() + " serves")
              : new Action.StartSealed();
      case LocalServer.Absent() ->
          primary.isPresent()
              ? new Action.Clone(view.source(primary.get()))
              : new Action.Await("for " + lease.holder() + " to serve as primary");
      case LocalServer.Standby here -> {
        // One against an earlier reign counts nowhere any more.
        Optional<Vote> vote =
            view.myVote().filter(cast -> cast.against().compareTo(lease.term()) >= 0);
        if (vote.isPresent()) {
          yield new Action.WithdrawVote(vote.get());
        }
        if (view.ending().equals(Optional.of(lease.term())) && here.sealed()) {
          yield new Action.Expect();
        }
        Optional<Member> source = primary.map(view::source);
        NodeName wanted = source.map(Member::node).orElse(lease.holder());
        boolean apart = here.upstream().filter(wanted::equals).isEmpty();
        // No commit waits for one that is never promoted, so it has the time to compare.
        boolean agrees = !view.neverPromote() && beginsTheWinners(view, lease, here);
        if (primary.isEmpty()) {
          yield apart && agrees && holder.isPresent()
              ? new Action.Join(holder.get(), here, true)
              : new Action.Await("for " + lease.holder() + " to serve as primary");
        }
        if (apart) {
          yield new Action.Join(primary.get(), source.get(), here, agrees);
        }
        yield view.restart()
            ? new Action.Restart()
            : new Action.Follow(primary.get(), source.get());
      }
    };
  }

  /**
   * Whether a successor serves, with as many standbys as its commits wait for, or can't do without
   * this node. Until then a former primary that has just given way would only be in the way: it
   * could not vote, and where several servers share a machine its start takes their time.
   */
  private static boolean isServed(NodeView view, Lease lease, Optional<Member> primary) {
    long others =
        view.members().values().stream()
            .filter(member -> member.role() == Role.STANDBY)
            .filter(member -> !member.node().equals(lease.holder()))
            .filter(member -> !member.node().equals(view.me()))
            .count();
    if (primary.isEmpty()) {
      return false;
    }
    long streaming = primary.get().standbys().stream().filter(Member.Standby::streaming).count();
    int needed = primary.get().waitsFor().acknowledging();
    return streaming >= needed || others < needed;
  }

  /**
   * Whether the WAL here is a beginning of what the lease's holder had when it won the election. On
   * one timeline only one primary writes, so of two positions on it the lower is a beginning of the
   * higher; and the winner's was final. Such a standby can follow the winner before that serves as
   * primary, and the first commits of the new reign need not wait for it to find out.
   */
  private static boolean beginsTheWinners(NodeView view, Lease lease, LocalServer.Standby here) {
    return view.votes().stream()
        .filter(vote -> vote.node().equals(lease.holder()))
        .filter(vote -> vote.against().next().equals(lease.term()))
        .filter(vote -> vote.timeline() == here.timeline())
        .map(Vote::flushed)
        .anyMatch(won -> won.reaches(here.flushed()) && isNear(won, here.flushed()));
  }

  private static boolean isNear(Lsn won, Lsn here) {
    return won.minus(here) <= NEAR_BYTES;
  }

  private static Action withoutLease(NodeView view, GroupState state) {
    boolean lastPrimary = state.leader().equals(view.me());
    return switch (view.server()) {
      case LocalServer.Absent() -> new Action.Await("for a primary to be made from");
      case LocalServer.Silent(_) -> new Action.Await("for the server to answer");
      case LocalServer.Primary(_, _, _) ->
          lastPrimary
              ? new Action.ResumeLease(state)
              : new Action.StopAtOnce(state.leader() + " took term " + state.term());
      case LocalServer.Stopped(_) -> {
        if (!lastPrimary) {
          yield new Action.StartSealed();
        }
        yield view.yielding()
            ? new Action.Await("for a standby to take over")
            : new Action.ResumeLease(state);
      }
      // It was perhaps told to promote and may do so at any moment, so its position is not final
      // and it must not vote. It has every acknowledged commit anyway.
      case LocalServer.Standby here ->
          lastPrimary ? new Action.ResumeLease(state) : elect(view, state, here);
    };
  }

  private static Action elect(NodeView view, GroupState state, LocalServer.Standby here) {
    if (view.neverPromote()) {
      // Its vote would have the others wait for it if it has the most WAL.
      return view.myVote()
          .<Action>map(Action.WithdrawVote::new)
          .orElse(new Action.Await("for another node to take over"));
    }
    if (view.promised()) {
      // It goes on following: a primary that comes back in time finds its standbys as they were.
      return new Action.Await("for " + state.leader() + ", which may still be primary");
    }
    if (here.upstream().isPresent()) {
      return new Action.Seal();
    }
    if (!here.sealed()) {
      return new Action.Await("for the WAL on disk to be replayed");
    }
    Vote vote = new Vote(view.me(), state.term(), here.timeline(), here.flushed());
    if (!view.myVote().equals(Optional.of(vote))) {
      return new Action.CastVote(vote);
    }
    Optional<NodeName> preferred = view.moveIn(state).map(PlannedMove::to);
    return switch (Election.count(state, view.votes(), preferred, view.lossBound())) {
      case Outcome.Elected(NodeName winner, var counted) ->
          winner.equals(view.me())
              ? new Action.TakeTerm(state, counted)
              : new Action.Await("for " + winner + " to take over");
      case Outcome.Undecided(String why) -> new Action.Await(why);
    };
  }
}
