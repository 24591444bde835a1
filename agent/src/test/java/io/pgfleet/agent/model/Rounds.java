package io.pgfleet.agent.model;

import io.pgfleet.agent.NodeServer.Way;
import io.pgfleet.agent.decide.Action;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.agent.decide.NamesInEffect;
import io.pgfleet.agent.decide.SyncPlan;
import io.pgfleet.agent.decide.SyncPlan.Step;
import io.pgfleet.agent.model.Node.Session;
import io.pgfleet.agent.model.Steps.Sink;
import io.pgfleet.agent.model.Write.Kind;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The rounds of an agent: the real {@code NodeDecision} over what it reads and sees, and then what
 * {@code Agent} and {@code Leadership} do about it, one effect a step.
 *
 * <p>Whom a primary wants to wait for is a matter of time, of what standbys say and of the group's
 * settings. Here it may want any set at any moment, so that what is found holds for every such
 * rule.
 */
final class Rounds {
  private static final Duration SETTLING = Duration.ofMillis(500);

  private final Bounds bounds;
  private final Flaw flaw;
  private final Perception perception;
  private final Servers servers;
  private final Agreement agreement;

  // Plans depend on nothing but these keys, and come again and again.
  private final Map<Integer, Set<Step>> plans = new HashMap<>();

  Rounds(Bounds bounds, Flaw flaw, Servers servers, Agreement agreement) {
    this.bounds = bounds;
    this.flaw = flaw;
    this.perception = new Perception(flaw);
    this.servers = servers;
    this.agreement = agreement;
  }

  void from(State state, int n, Sink sink) {
    Node node = state.nodes[n];
    View view = node.slowView != null ? node.slowView : View.fresh(state.agreed);
    Turn turn = new Turn(state, n, view, sink);
    Action action = perception.decide(turn, true);
    perform(turn, action);
    if (!node.running) {
      Action other = perception.decide(turn, false);
      if (!other.equals(action)) {
        perform(turn, other);
      }
    }
  }

  // What it does.

  private void perform(Turn turn, Action action) {
    int n = turn.n();
    switch (action) {
      case Action.Await(String why) -> act(turn, "waits " + why, next -> {});
      case Action.Lead(GroupState _) -> lead(turn);
      case Action.Follow(Member primary, _) -> {
        act(turn, "follows " + primary.node(), next -> {});
        if (turn.node().receiver == Node.NONE) {
          act(turn, "looks why it receives nothing", next -> seal(next.nodes[n]));
        }
      }
      case Action.ResumeLease(GroupState _) -> {
        int stale = turn.view().agreed().holder == Agreed.NOBODY ? 0 : 1;
        write(turn, action, write(turn, Kind.RESUME_LEASE, stale), next -> {});
      }
      case Action.YieldLease(String _) ->
          write(
              turn,
              action,
              write(turn, Kind.YIELD_LEASE, 0),
              next -> next.nodes[n].yielding = true);
      case Action.StartPrimary() -> startPrimary(turn);
      case Action.StartSealed() ->
          act(turn, "starts sealed", next -> servers.startSealed(next.nodes[n]));
      case Action.StopAtOnce(String why) ->
          act(turn, "stops its server: " + why, next -> servers.die(next, n));
      case Action.Seal() -> act(turn, "seals", next -> seal(next.nodes[n]));
      case Action.CastVote(Vote vote) -> castVote(turn, action, vote);
      case Action.WithdrawVote(Vote _) ->
          write(turn, action, write(turn, Kind.WITHDRAW_VOTE, 0), next -> {});
      case Action.TakeTerm(GroupState _, List<Vote> counted) -> {
        if (turn.view().agreed().term == bounds.terms()) {
          return;
        }
        int nodes = counted.stream().mapToInt(vote -> 1 << SyncSets.index(vote.node())).sum();
        write(turn, action, Agreement.takeTerm(turn.view(), nodes), next -> {});
      }
      case Action.Promote(GroupState state) -> promote(turn, state);
      case Action.Clone(Member primary) -> copy(turn, primary);
      case Action.Join(Member primary, _, LocalServer.Standby here, boolean agrees) ->
          join(turn, primary, here, agrees);
      case Action.Found() -> throw new Violation("the group is founded a second time");
      case Action.Restart() -> throw new Violation("nobody asked for a restart");
      case Action.Expect() -> throw new Violation("nobody asked to move");
      case Action.HandOver(NodeName to) -> throw new Violation("nobody asked to move to " + to);
    }
  }

  /** One effect of a round that does not lead. */
  private void act(Turn turn, String what, Consumer<State> change) {
    int n = turn.n();
    turn.sink()
        .step(
            () -> SyncSets.name(n) + " " + what + slowly(turn),
            next -> {
              looked(next, n);
              next.nodes[n].forgetNames();
              if (next.nodes[n].session != Session.EXPIRED) {
                next.agreed.serving[n] = 0;
              }
              change.accept(next);
            });
  }

  private static String slowly(Turn turn) {
    return turn.node().slowView == null ? "" : ", by what it read before";
  }

  private static void looked(State state, int n) {
    Node node = state.nodes[n];
    node.slowView = null;
    node.mayWrite = node.isPrimary();
  }

  private static Write write(Turn turn, Kind kind, int argument) {
    return new Write(kind, argument, turn.view().state(), turn.view().votes());
  }

  /** A write of which an answer comes, or none for long. */
  private void write(Turn turn, Action action, Write write, Consumer<State> after) {
    int n = turn.n();
    if (turn.node().session == Session.EXPIRED) {
      return;
    }
    act(
        turn,
        write.kind() + " (" + action + ")",
        next -> {
          if (agreement.apply(next, n, write, false)) {
            after.accept(next);
          }
        });
    if (bounds.allows(Fault.SLOW_WRITE, turn.state()) && turn.node().underWay == null) {
      act(
          turn,
          write.kind() + " is under way (" + action + ")",
          next -> {
            next.faults++;
            next.nodes[n].underWay = write;
          });
    }
  }

  private static void seal(Node node) {
    node.upstream = Node.NONE;
    node.sealing = true;
  }

  private void castVote(Turn turn, Action action, Vote vote) {
    if (!turn.node().sealed && flaw != Flaw.VOTE_NOT_SEALED_ITSELF) {
      act(turn, "seals itself before it votes", next -> seal(next.nodes[turn.n()]));
      return;
    }
    int code = Agreed.vote((int) vote.against().number(), turn.node().log);
    write(turn, action, write(turn, Kind.CAST_VOTE, code), next -> {});
  }

  // As a primary.

  /** The names of the first moment, for each set of others that may be alive. */
  private Set<Integer> firstNames(Turn turn) {
    int voters = turn.view().agreed().voters;
    Set<Integer> all = new TreeSet<>();
    for (int alive : wishes(turn.n())) {
      SyncSet first = SyncPlan.firstNames(SyncSets.decoded(alive), SyncSets.decoded(voters));
      all.add(flaw == Flaw.NAMES_UNSAFE_ON_RESTART ? alive : SyncSets.code(first));
    }
    return flaw == Flaw.NAMES_IGNORED_ON_RESTART ? Set.of(SyncSets.NONE) : all;
  }

  /** All sets that a primary may want to wait for. */
  private int[] wishes(int n) {
    int others = ((1 << bounds.size()) - 1) & ~(1 << n);
    int[] wishes = new int[1 << (bounds.size() - 1)];
    int count = 0;
    for (int members = others; ; members = (members - 1) & others) {
      wishes[count++] = SyncSets.of(members, bounds.synchronous());
      if (members == 0) {
        return wishes;
      }
    }
  }

  private void startPrimary(Turn turn) {
    int n = turn.n();
    if (turn.node().standby) {
      act(turn, "starts sealed, to be promoted", next -> servers.startSealed(next.nodes[n]));
      return;
    }
    for (int names : firstNames(turn)) {
      act(
          turn,
          "starts as primary, waiting for " + SyncSets.decoded(names),
          next -> {
            servers.startPrimary(next.nodes[n], names);
            next.nodes[n].mayWrite = true;
            next.nodes[n].led = true;
          });
    }
  }

  private void promote(Turn turn, GroupState state) {
    int n = turn.n();
    if (turn.node().session != Session.CERTAIN) {
      act(turn, "does not promote: its lease is not certain", next -> {});
      return;
    }
    for (int names : firstNames(turn)) {
      act(
          turn,
          "promotes in term " + state.term() + ", waiting for " + SyncSets.decoded(names),
          next -> {
            next.nodes[n].names = names;
            next.nodes[n].promoting = true;
            next.nodes[n].mayWrite = true;
            next.nodes[n].led = true;
          });
    }
  }

  private void lead(Turn turn) {
    Node node = turn.node();
    Agreed agreed = turn.view().agreed();
    SyncSet names = SyncSets.decoded(node.sessionNames);
    NamesInEffect known = known(node).seen(names, 0);
    int key = (((node.sessionNames << 8) | agreed.voters) << 2) | turn.n();
    for (Step step : plans.computeIfAbsent(key, _ -> plans(turn.n(), names, agreed.voters))) {
      lead(turn, step, known);
    }
  }

  /** The steps that may come next, by what is wanted. */
  private Set<Step> plans(int n, SyncSet names, int voters) {
    Set<Step> all = new LinkedHashSet<>();
    for (int wish : wishes(n)) {
      all.add(plan(names, SyncSets.decoded(voters), SyncSets.decoded(wish)));
    }
    return all;
  }

  private Step plan(SyncSet names, SyncSet voters, SyncSet wanted) {
    if (flaw == Flaw.NAMES_AFTER_VOTERS && !voters.equals(wanted)) {
      return new Step.SetVoters(wanted, !wanted.isEmpty());
    }
    return SyncPlan.next(names, voters, wanted);
  }

  private void lead(Turn turn, Step step, NamesInEffect known) {
    int n = turn.n();
    switch (step) {
      case Step.Done() -> leads(turn, () -> "leads", next -> remember(next.nodes[n], known));
      case Step.SetNames(SyncSet names) -> {
        if (turn.state().changes < bounds.changes()) {
          leads(
              turn,
              () -> "waits for " + names,
              next -> {
                next.changes++;
                remember(next.nodes[n], NamesInEffect.UNKNOWN);
                next.nodes[n].names = SyncSets.code(names);
                next.nodes[n].upstream = Node.NONE;
              });
        }
      }
      case Step.SetVoters(SyncSet voters, boolean afterFlush) -> {
        NamesInEffect now = afterFlush ? withPosition(turn.node(), known) : known;
        if (afterFlush && !now.flushedBy(voters, flushed(turn.node()))) {
          leads(turn, () -> "awaits a flush", next -> remember(next.nodes[n], now));
        } else {
          setVoters(turn, voters, now);
        }
      }
    }
  }

  private void setVoters(Turn turn, SyncSet voters, NamesInEffect known) {
    int n = turn.n();
    if (turn.node().session == Session.EXPIRED) {
      return;
    }
    Write write = write(turn, Kind.SET_VOTERS, SyncSets.code(voters));
    leads(
        turn,
        () -> "may be succeeded by " + voters,
        next -> {
          remember(next.nodes[n], known);
          agreement.apply(next, n, write, false);
        });
    if (bounds.allows(Fault.SLOW_WRITE, turn.state()) && turn.node().underWay == null) {
      leads(
          turn,
          () -> "may be succeeded by " + voters + ", under way",
          next -> {
            next.faults++;
            remember(next.nodes[n], known);
            next.nodes[n].underWay = write;
          });
    }
  }

  private void leads(Turn turn, Supplier<String> what, Consumer<State> change) {
    int n = turn.n();
    turn.sink()
        .step(
            () -> SyncSets.name(n) + " " + what.get() + slowly(turn),
            next -> {
              looked(next, n);
              next.nodes[n].led = true;
              if (next.nodes[n].session != Session.EXPIRED) {
                next.agreed.serving[n] = turn.view().agreed().term;
              }
              change.accept(next);
            });
  }

  /** What an agent remembers of its names; the time it saw them is before all others. */
  private static NamesInEffect known(Node node) {
    if (node.seenNames == Node.NONE) {
      return NamesInEffect.UNKNOWN;
    }
    return new NamesInEffect(SyncSets.decoded(node.seenNames), 0, new Lsn(node.namesFrom));
  }

  private static void remember(Node node, NamesInEffect known) {
    SyncSet names = known.names();
    Lsn from = known.from();
    // Names whose effect is not known are seen again at the next look.
    if (names != null && from != null) {
      node.seenNames = SyncSets.code(names);
      node.namesFrom = (int) from.value();
    } else {
      node.forgetNames();
    }
  }

  /** Time passes as it must: a reload has settled when every process has read it. */
  private NamesInEffect withPosition(Node node, NamesInEffect known) {
    long now = servers.settled(node) ? SETTLING.toNanos() : 0;
    if (known.from() != null || !known.settled(now, SETTLING.toNanos())) {
      return known;
    }
    return known.from(flaw == Flaw.FLUSH_NOT_AWAITED ? Lsn.ZERO : new Lsn(Log.size(node.log)));
  }

  private static Map<NodeName, Lsn> flushed(Node node) {
    Map<NodeName, Lsn> flushed = new HashMap<>();
    for (int i = 0; i < node.walsenders.length; i++) {
      Walsender walsender = node.walsenders[i];
      if (walsender != null) {
        flushed.put(SyncSets.name(i), new Lsn(walsender.flushed()));
      }
    }
    return flushed;
  }

  // As a standby.

  private void join(Turn turn, Member primary, LocalServer.Standby here, boolean agrees) {
    int n = turn.n();
    if (!here.sealed()) {
      act(
          turn,
          "can't join yet",
          next -> {
            if (here.upstream().isPresent()) {
              seal(next.nodes[n]);
            }
          });
      return;
    }
    int upstream = SyncSets.index(primary.node());
    if (!turn.state().nodes[upstream].running) {
      return;
    }
    Way way =
        agrees ? new Way.GoOn() : Log.wayFor(turn.state().nodes[upstream].log, turn.node().log);
    if (way instanceof Way.GoOn) {
      act(
          turn,
          "joins " + primary.node(),
          next -> {
            next.nodes[n].sealed = false;
            servers.follow(next.nodes[n], upstream);
          });
    } else {
      copy(turn, primary);
    }
  }

  private void copy(Turn turn, Member primary) {
    int n = turn.n();
    int upstream = SyncSets.index(primary.node());
    if (turn.state().nodes[upstream].running) {
      act(
          turn,
          "copies " + primary.node(),
          next -> {
            next.nodes[n].sealed = false;
            servers.copyFrom(next, n, upstream);
          });
    }
  }
}
