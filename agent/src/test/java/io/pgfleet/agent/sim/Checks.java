package io.pgfleet.agent.sim;

import io.pgfleet.agent.decide.SyncPlan;
import io.pgfleet.consensus.group.GroupState;
import io.pgfleet.consensus.group.GroupStore;
import io.pgfleet.consensus.group.GroupView;
import io.pgfleet.consensus.group.GroupView.HeldLease;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.consensus.group.SyncSet;
import io.pgfleet.consensus.group.Term;
import io.pgfleet.consensus.group.Vote;
import io.pgfleet.consensus.group.WrittenWal;
import io.pgfleet.spec.Durability;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeName;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What must hold at every moment, against the true state of everything:
 *
 * <ol>
 *   <li>Terms only grow, by one, and each has one leader.
 *   <li>The leader of the newest term has every commit acknowledged so far, by whomever: from the
 *       moment the term is taken, an older primary can acknowledge nothing that the new one lacks.
 *   <li>As long as a reign is the newest, every process of its primary that could acknowledge waits
 *       for names that are safe with the agreed voters, also if it has yet to read a new
 *       configuration.
 *   <li>While a vote against the newest term stands, its server's WAL does not grow.
 *   <li>Once a lease has passed on, no other server accepts writes beside an agent that is awake.
 *   <li>A timeline is begun by one promotion only, and what follows a server is a beginning of it.
 *   <li>With {@code strict}, nothing is acknowledged that fewer standbys than asked have flushed.
 *   <li>With {@code async}, in place of 2: who takes a term has WAL of the last primary's timeline,
 *       and all that this primary acknowledged up to the bound before the position that it last
 *       recorded; what was lost once is owed by nobody any more.
 * </ol>
 */
final class Checks {
  /** What must not be. */
  static final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
      super(message);
    }
  }

  private final World world;
  private final Flaw flaw;
  private final GroupSpec group;
  private final Map<NodeName, SimNode> nodes = new TreeMap<>();
  private final Map<Integer, String> promotions = new HashMap<>();
  private final BitSet acknowledged = new BitSet();
  private final Map<Integer, Integer> ofThisReign = new HashMap<>();
  private GroupView view;
  private final GroupStore store;
  private int records;
  private int promotedBehind;

  Checks(World world, Flaw flaw, GroupSpec group, GroupStore store) {
    this.world = world;
    this.flaw = flaw;
    this.group = group;
    this.store = store;
    this.view = store.view();
  }

  void add(SimNode node) {
    nodes.put(node.name(), node);
  }

  Flaw flaw() {
    return flaw;
  }

  boolean has(Flaw one) {
    return flaw == one;
  }

  int newRecord() {
    return ++records;
  }

  int acknowledgedCommits() {
    return acknowledged.cardinality();
  }

  BitSet acknowledged() {
    return acknowledged;
  }

  GroupView view() {
    return view;
  }

  Optional<GroupState> state() {
    return view.state().map(Versioned::value);
  }

  SimNode node(NodeName name) {
    return Objects.requireNonNull(nodes.get(name));
  }

  SimServer server(NodeName name) {
    return node(name).server();
  }

  void agreedStateChanged() {
    Optional<GroupState> before = state();
    Optional<HeldLease> held = view.lease();
    Optional<WrittenWal> written = view.written().map(Versioned::value);
    boolean paused = view.operations().pause().isPresent();
    view = store.view();
    Optional<GroupState> now = state();
    if (!before.equals(now) || !held.equals(view.lease())) {
      world.tell(() -> "agreed: " + now + " " + view.lease() + " votes " + view.votes().values());
    }
    if (before.isPresent() && now.isPresent()) {
      Term last = before.get().term();
      Term term = now.get().term();
      require(
          term.equals(last)
              ? before.get().leader().equals(now.get().leader())
              : term.equals(last.next()),
          () -> "term " + last + " became " + term);
      if (!term.equals(last) && !group.durability().waits()) {
        lossIsBounded(last, server(now.get().leader()), written);
      }
      require(
          term.equals(last) || !paused || view.operations().pause().isEmpty(),
          () -> "term " + term + " was taken during a pause");
    }
  }

  private void lossIsBounded(Term last, SimServer winner, Optional<WrittenWal> written) {
    promotedBehind++;
    require(
        written.filter(seen -> seen.term().equals(last)).isPresent(),
        () -> winner + " is elected though term " + last + " has recorded nothing: " + written);
    WrittenWal seen = written.orElseThrow();
    require(
        winner.wal().timeline() == seen.timeline(),
        () -> winner + " is elected with WAL of another timeline than " + seen);
    long kept = seen.position().value() - group.maxLagOnFailover();
    ofThisReign.forEach((record, position) ->
        require(
            position > kept || winner.wal().held().get(record),
            () -> winner + " lacks " + record + " at " + position + ", recorded was " + seen));
    acknowledged.and(winner.wal().held());
    ofThisReign.clear();
  }

  void acknowledged(SimServer server, int position, int record) {
    world.tell(() -> server.name() + " acknowledges " + record);
    boolean leads = state().map(state -> state.leader().equals(server.name())).orElse(true);
    if (leads || group.durability().waits()) {
      acknowledged.set(record);
    }
    if (leads) {
      ofThisReign.put(record, position);
    }
    if (group.durability() == Durability.STRICT) {
      long flushed =
          nodes.values().stream()
              .map(SimNode::server)
              .filter(other -> other != server && other.everHeld(record))
              .count();
      require(
          flushed >= group.synchronous(),
          () -> server + " acknowledges " + record + " which only " + flushed + " others have");
    }
  }

  /** Terms taken where commits wait for nobody. */
  int promotedBehind() {
    return promotedBehind;
  }

  void promoted(SimServer server, int timeline) {
    world.tell(() -> server.name() + " is promoted to timeline " + timeline);
    String by = server.name() + " at " + world.nanos();
    String earlier = promotions.put(timeline, by);
    require(
        earlier == null, () -> "timeline " + timeline + " is begun by " + by + " and " + earlier);
  }

  /** A server's WAL has grown. */
  void grew(SimServer server) {
    Versioned<Vote> vote = view.votes().get(server.name());
    if (vote != null) {
      require(
          state().map(state -> !state.term().equals(vote.value().against())).orElse(true),
          () -> server + " gets WAL although it has voted " + vote.value());
    }
  }

  void follows(SimServer standby, SimServer upstream) {
    require(
        standby.wal().isBeginningOf(upstream.wal()),
        () -> standby + " follows " + upstream + " but has other WAL");
  }

  void everyMoment() {
    if (state().isEmpty()) {
      return;
    }
    GroupState state = state().get();
    SimServer leader = server(state.leader());
    if (group.durability().waits()) {
      BitSet missing = (BitSet) acknowledged.clone();
      missing.andNot(leader.wal().held());
      require(
          missing.isEmpty(), () -> "the leader " + leader + " of " + state + " lacks " + missing);
    }
    if (leader.isPrimary()) {
      namesAreSafe(leader, state.voters());
    }
    view.lease().ifPresent(lease -> writesOnlyUnder(lease.lease().holder()));
  }

  private void namesAreSafe(SimServer leader, SyncSet voters) {
    for (Walsender walsender : leader.walsenders()) {
      SyncSet names = walsender.config().names();
      require(
          !names.contains(walsender.standby.name()) || SyncPlan.safe(names, voters),
          () -> leader + " may acknowledge with " + names + " while voters are " + voters);
    }
    require(
        !leader.checkpointer().config().names().isEmpty() || voters.isEmpty(),
        () -> leader + " waits for nobody while voters are " + voters);
  }

  private void writesOnlyUnder(NodeName holder) {
    for (SimNode node : nodes.values()) {
      require(
          node.name().equals(holder)
              || !node.server().takesCommits()
              || !node.isGuarded()
              || !node.server().hadTimeToBeSeen(),
          () -> node.server() + " takes writes although " + holder + " holds the lease");
    }
  }

  private void require(boolean holds, java.util.function.Supplier<String> otherwise) {
    if (!holds) {
      throw new Violation(otherwise.get());
    }
  }
}
