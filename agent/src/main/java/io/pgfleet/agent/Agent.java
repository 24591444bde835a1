package io.pgfleet.agent;

import io.pgfleet.agent.decide.Action;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.agent.decide.NodeDecision;
import io.pgfleet.agent.decide.NodeView;
import io.pgfleet.consensus.AgreementUnavailableException;
import io.pgfleet.consensus.AgreementUnavailableException.Outcome;
import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.Session;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.HeldLease;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.Member;
import io.pgfleet.consensus.group.Member.Role;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's agent for the life of one session: a {@link #round} observes, decides and does one
 * thing. {@link AgentLoop} calls it again and again on one thread.
 */
public final class Agent {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);
  private static final long SETTLING_NANOS = Duration.ofSeconds(3).toNanos();

  private final NodeServer server;
  private final GroupStore store;
  private final Session session;
  private final Ticker ticker;
  private final WriteGate gate;
  private final LeaseGuard guard;
  private final Vacancy vacancy;
  private final Mandate mandate;
  private final PauseWatch pauses;
  private final Restarts restarts;
  private final Announcer announcer;
  private final Membership membership;
  private final Upstream upstream;
  private final Following following;
  private final ActionLog said;

  private AgentSettings settings;
  private @Nullable Leadership leadership;
  private boolean provisioned;
  private boolean inDoubt;
  private long settledAt;

  /** Whether a vote was cast in this session that no look has shown yet. */
  private boolean castHere;

  private @Nullable Term ledTerm;
  private long ledSince;
  private volatile boolean leads;
  private volatile long pulse;
  private volatile @Nullable GroupView seen;
  private long yieldUntil;
  private boolean yielded;

  /** Until then it leads on, so that standbys which don't keep up leave the synchronous set. */
  private long movesAgainAt;

  public Agent(
      AgentSettings settings,
      NodeServer server,
      GroupStore store,
      Session session,
      Ticker ticker,
      WriteGate gate,
      LeaseGuard guard,
      Mandate mandate) {
    this.settings = settings;
    this.server = server;
    this.store = store;
    this.session = session;
    this.ticker = ticker;
    this.gate = gate;
    this.guard = guard;
    this.mandate = mandate;
    this.vacancy = new Vacancy(settings, ticker);
    this.announcer = new Announcer(settings, server, store, ticker, guard::objection);
    this.membership = new Membership(settings, server, store, mandate, announcer);
    this.said = new ActionLog(settings.name());
    this.upstream =
        new Upstream(
            settings.name(),
            settings.node().delayed(),
            server,
            announcer,
            () -> pulse = ticker.nanos(),
            view -> Leadership.firstNames(this.settings, view, SyncSet.NONE));
    this.following =
        new Following(server, announcer, upstream, new Reception(settings.stuck()), ticker);
    this.pauses = new PauseWatch(settings.name(), server, store, guard);
    this.restarts = new Restarts(settings.name(), server, store, mandate, gate, announcer);
    this.pulse = ticker.nanos();
    this.settledAt = pulse;
    this.movesAgainAt = pulse;
  }

  /**
   * Whether the server serves as primary under a mandate that is certain at this moment. Any thread
   * may ask.
   */
  boolean leads() {
    return leads && mandate.certain();
  }

  /** When it last began a round or made progress in one. Any thread may ask. */
  long pulse() {
    return pulse;
  }

  /** What the last round rested on; null before the first. Any thread may ask. */
  @Nullable GroupView seen() {
    return seen;
  }

  /** Puts this agent's word in the place of one that an earlier life of it may have left. */
  void introduce() {
    announcer.announce(Role.STOPPED, Term.NONE, new LocalServer.Absent(), "looking around");
  }

  /** Adds to what was said last of this node what keeps its agent from its work. */
  void tell(String trouble) {
    inDoubt = true;
    announcer.note(trouble);
  }

  /**
   * Observes, decides, and does one thing.
   *
   * @return whether there may be more to do at once
   * @throws NodeServerException if the server could not be observed or changed
   */
  public boolean round() throws NodeServerException {
    if (inDoubt) {
      // A write whose answer is missing could still happen, after what is decided now.
      store.catchUp();
      inDoubt = false;
    }
    if (castHere) {
      mandate.promises().settled();
      castHere = false;
    }
    try {
      return decideAndPerform();
    } catch (AgreementUnavailableException e) {
      inDoubt |= e.outcome() == Outcome.UNKNOWN;
      throw e;
    }
  }

  private boolean decideAndPerform() throws NodeServerException {
    pulse = ticker.nanos();
    GroupView view = store.view();
    seen = view;
    if (membership.look(view)) {
      settings = membership.settings();
      // A primary begins anew what it remembers of its standbys.
      leadership =
          leadership == null ? null : new Leadership(settings, server, store, ticker, mandate);
    }
    mandate.looked(view);
    pauses.look(view);
    LocalServer here = server.look();
    mandate.observed();
    if (membership.isRemoved(view)) {
      leadership = null;
      leads = false;
      return membership.retire(here);
    }
    useSettings(view, here);
    if (!(here instanceof LocalServer.Primary || here instanceof LocalServer.Silent)) {
      mandate.leadsNoMore();
    }
    Action action = NodeDecision.decide(nodeView(view, here));
    try {
      return pauses.lift(view) || perform(action, view, here);
    } catch (ConflictException e) {
      // Somebody was first; the next look shows what came of it.
      log.debug("{}: {} came too late", settings.name(), action, e);
      return true;
    }
  }

  private void useSettings(GroupView view, LocalServer here) throws NodeServerException {
    Optional<Map<String, String>> accepted =
        view.operations().settings().map(settings -> settings.value().values());
    if (accepted.isPresent() && !accepted.equals(server.settings())) {
      server.useSettings(accepted.get(), here);
    }
  }

  private NodeView nodeView(GroupView view, LocalServer here) {
    return new NodeView(
        settings.name(),
        settings.founder(),
        view.state().map(Versioned::value),
        view.lease().map(HeldLease::lease),
        view.lease().map(HeldLease::ours).orElse(false),
        view.members(),
        votes(view),
        view.move().map(Versioned::value).filter(_ -> ticker.nanos() - movesAgainAt >= 0),
        yielding(),
        vacancy.lossBound(view),
        mandate.promises().run(),
        settings.node().neverPromote() || guard.objection().isPresent(),
        following.relay(settings, view),
        view.operations().pause().isPresent(),
        upstream.ending(ticker),
        view.operations().restarts().containsKey(settings.name()),
        here,
        server.hangs() && leadsForLong());
  }

  /** Its own, and those of nodes that may win: one from before a node's tag was set is void. */
  private List<Vote> votes(GroupView view) {
    return view.votes().values().stream()
        .map(Versioned::value)
        .filter(vote ->
            vote.node().equals(settings.name()) || settings.candidates().contains(vote.node()))
        .toList();
  }

  /** A new primary may be slow at first; a storm that made one hang must not chase the next. */
  private boolean leadsForLong() {
    return ledTerm != null && ticker.nanos() - ledSince > settings.mercy().toNanos();
  }

  /** Whether it has just given its lease back and leaves it to others for a while. */
  boolean yielding() {
    return yielded && ticker.nanos() - yieldUntil < 0;
  }

  private boolean perform(Action action, GroupView view, LocalServer here)
      throws NodeServerException {
    if (!(action instanceof Action.Lead)) {
      leadership = null;
      // A planned move takes the primary away only once transactions have ended.
      leads &= action instanceof Action.HandOver || action instanceof Action.Restart;
    }
    said.say(action);
    guard.before(action, here);
    return switch (action) {
      case Action.Await(String why) -> {
        // What has just given its lease back says no more for the moment: each word wakes all
        // agents.
        if (!yielding()) {
          announcer.announce(roleOf(here), termFollowed(view, here), here, why);
        }
        yield false;
      }
      case Action.Expect() -> false;
      case Action.Lead(GroupState _) -> lead(view, here);
      case Action.Follow follow ->
          here instanceof LocalServer.Standby standby
              && following.round(settings, view, follow, standby);
      case Action.Found() -> found();
      case Action.ResumeLease(GroupState _) -> resumeLease(view, here);
      case Action.YieldLease(String _) -> yieldLease(view);
      case Action.StartPrimary() -> {
        announcer.announce(Role.STOPPED, Term.NONE, here, "starting as primary");
        server.startPrimary(firstNames(view));
        yield true;
      }
      case Action.StartSealed() -> {
        announcer.announce(Role.STOPPED, Term.NONE, here, "starting");
        server.startSealed();
        yield true;
      }
      case Action.StopAtOnce(String _) -> {
        mandate.leadsNoMore();
        server.stopAtOnce();
        yield true;
      }
      case Action.HandOver(NodeName _) -> handOver(view);
      case Action.Restart() -> {
        restarts.perform(view, here, () -> firstNames(view), () -> leads = false);
        yield true;
      }
      case Action.Seal() -> {
        seal(view);
        yield true;
      }
      case Action.CastVote(Vote vote) -> {
        castVote(view, vote);
        yield true;
      }
      case Action.WithdrawVote(Vote vote) -> {
        store.withdrawVote(Objects.requireNonNull(view.votes().get(vote.node())));
        yield true;
      }
      case Action.TakeTerm(GroupState from, List<Vote> counted) -> {
        if (takeTerm(view, counted)) {
          // Nobody but this node can change the new reign now, so it need not look again.
          promote(view, from.succeededBy(settings.name()));
        }
        yield true;
      }
      case Action.Promote(GroupState state) -> {
        promote(view, state);
        yield true;
      }
      case Action.Clone(Member source) -> {
        following.copyFrom(view, source, here);
        yield true;
      }
      case Action.Join join -> {
        following.join(view, join);
        yield true;
      }
    };
  }

  private boolean resumeLease(GroupView view, LocalServer here) {
    if (here instanceof LocalServer.Stopped) {
      // Its last word may still be that it serves.
      announcer.announce(Role.STOPPED, Term.NONE, here, "starting as primary");
    }
    store.resumeLease(view.state().orElseThrow(), view.lease());
    return true;
  }

  private static Role roleOf(LocalServer here) {
    return switch (here) {
      case LocalServer.Standby _ -> Role.STANDBY;
      case LocalServer.Absent(), LocalServer.Stopped(_), LocalServer.Silent(_) -> Role.STOPPED;
      // It is out of recovery and does not lead, so nobody may take it for a primary.
      case LocalServer.Primary(_, _, _) -> Role.STOPPED;
    };
  }

  /**
   * Votes only after having sealed the server itself: one told to follow just now, perhaps by an
   * earlier life of this agent, looks sealed until it has read its new configuration.
   */
  private void castVote(GroupView view, Vote vote) throws NodeServerException {
    if (!upstream.sealed()) {
      upstream.seal(view);
    } else if (mandate.promises().vote()) {
      castHere = true;
      store.castVote(view.state().orElseThrow(), vote);
    }
  }

  /** A standby that waits in an election still is of the reign that it last followed. */
  private static Term termFollowed(GroupView view, LocalServer here) {
    return here instanceof LocalServer.Standby
        ? view.state().map(state -> state.value().term()).orElse(Term.NONE)
        : Term.NONE;
  }

  private boolean lead(GroupView view, LocalServer here) throws NodeServerException {
    Versioned<GroupState> state = view.state().orElseThrow();
    Leadership leading = leadership;
    if (leading == null) {
      provisioned = false;
      leading = new Leadership(settings, server, store, ticker, mandate);
      leadership = leading;
    }
    yielded = false;
    if (!state.value().term().equals(ledTerm)) {
      ledTerm = state.value().term();
      ledSince = ticker.nanos();
    }
    mandate.leads(state.value());
    membership.confirm(view, state);
    if (!leads) {
      announcer.announceServing(state.value().term(), here, server.names());
    }
    Leadership.Seen seen = leading.round(view, state, view.lease().orElseThrow(), here);
    announcer.announcePrimary(state.value().term(), here, seen);
    leads = true;
    if (view.move().isPresent()
        && (view.move().get().value().term().compareTo(state.value().term()) < 0
            || view.move().get().value().to().equals(settings.name()))) {
      store.forget(view.move().get());
    }
    // A new primary's first moments belong to its clients and standbys.
    if (!provisioned && ticker.nanos() - settledAt >= 0) {
      server.provision();
      provisioned = true;
    }
    return false;
  }

  private boolean found() throws NodeServerException {
    announcer.announce(Role.STOPPED, Term.NONE, new LocalServer.Absent(), "making the first data");
    server.found(settings.goal().wanted(Set.of()));
    long identifier =
        switch (server.look()) {
          case LocalServer.Primary primary -> primary.systemIdentifier();
          default -> throw new NodeServerException("the new server did not start as a primary");
        };
    store.found(new GroupState(identifier, Term.NONE.next(), settings.name(), SyncSet.NONE));
    return true;
  }

  private boolean yieldLease(GroupView view) {
    mandate.leadsNoMore();
    store.yieldLease(view.state().orElseThrow(), view.lease().orElseThrow());
    yielded = true;
    yieldUntil = ticker.nanos() + settings.yield().toNanos();
    return true;
  }

  private boolean handOver(GroupView view) throws NodeServerException {
    SyncSet voters = view.state().orElseThrow().value().voters();
    Set<NodeName> ready = server.prepareToStop();
    ready.retainAll(voters.members());
    if (ready.size() < voters.answersNeeded()) {
      // Nobody could be elected in its place now. The next looks show who is away.
      log.info("{} stays primary for now: of {} only {} keep up", settings.name(), voters, ready);
      movesAgainAt = ticker.nanos() + settings.absence().multipliedBy(2).toNanos();
      return false;
    }
    try {
      if (!gate.hold() && !view.move().orElseThrow().value().force()) {
        log.info("{} stays primary: transactions still run", settings.name());
        store.forget(view.move().get());
        return false;
      }
      leads = false;
      server.stopCleanly();
      yieldLease(view);
    } finally {
      // From here on it is the missing primary that holds applications back.
      gate.release();
    }
    return true;
  }

  private SyncSet firstNames(GroupView view) {
    return Leadership.firstNames(
        settings, view, view.state().map(state -> state.value().voters()).orElse(SyncSet.NONE));
  }

  /** Seals the server and says how far it is, if what was seen of the group calls for that. */
  private void seal(GroupView view) throws NodeServerException {
    upstream.seal(view);
    LocalServer here = server.look();
    mandate.observed();
    // The commit of a vote checks that the group is still as it was seen.
    if (NodeDecision.decide(nodeView(view, here)) instanceof Action.CastVote vote) {
      perform(vote, view, here);
    }
  }

  private boolean takeTerm(GroupView view, List<Vote> counted) {
    Map<NodeName, Versioned<Vote>> votes = view.votes();
    List<Versioned<Vote>> seen = new ArrayList<>();
    for (Vote vote : counted) {
      Versioned<Vote> versioned = votes.get(vote.node());
      if (versioned == null || !versioned.value().equals(vote)) {
        return false;
      }
      seen.add(versioned);
    }
    store.takeTerm(view.state().orElseThrow(), seen, settings.name());
    return true;
  }

  private void promote(GroupView view, GroupState state) throws NodeServerException {
    if (session.remaining().isZero()) {
      throw new NodeServerException("the lease is no longer certain");
    }
    server.promote(Leadership.firstNames(settings, view, state.voters()));
    settledAt = ticker.nanos() + SETTLING_NANOS;
    if (server.look() instanceof LocalServer.Primary primary) {
      announcer.announceServing(state.term(), primary, server.names());
    }
  }
}
