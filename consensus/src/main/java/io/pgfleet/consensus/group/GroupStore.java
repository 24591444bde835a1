package io.pgfleet.consensus.group;

import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.AgreementUnavailableException;
import io.pgfleet.consensus.Change;
import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.Entry;
import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.consensus.Lifetime;
import io.pgfleet.consensus.Watch;
import io.pgfleet.consensus.group.GroupView.HeldLease;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.spec.GroupName;
import io.pgfleet.spec.NodeName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of one group in the agreed state.
 *
 * <p>Below {@code /groups/NAME}: {@code state} (persistent), {@code lease} (lives with its holder's
 * session), {@code members/NODE} (lives with the agent's session), {@code votes/NODE} (persistent,
 * and never deleted, so that its version only grows and a commit that checks it can't mistake a new
 * vote for an old one), {@code move} (persistent), {@code written} (persistent).
 *
 * <p>All methods throw what {@link Agreement} throws: {@link ConflictException} where somebody else
 * was first, {@link AgreementUnavailableException} where nothing is known.
 */
public final class GroupStore {
  private static final byte[] WITHDRAWN = {};

  private final JsonCodec<GroupState> states = JsonCodec.of(GroupState.class, GroupJson.module());
  private final JsonCodec<Lease> leases = JsonCodec.of(Lease.class, GroupJson.module());
  private final JsonCodec<Member> members = JsonCodec.of(Member.class, GroupJson.module());
  private final JsonCodec<Vote> votes = JsonCodec.of(Vote.class, GroupJson.module());
  private final JsonCodec<PlannedMove> moves = JsonCodec.of(PlannedMove.class, GroupJson.module());

  private final JsonCodec<WrittenWal> positions =
      JsonCodec.of(WrittenWal.class, GroupJson.module());

  private final Agreement agreement;
  private final String root;
  private final OperationsStore operations;

  /** What is below the folders, as of the last look: what to ask for at the next. */
  private volatile List<String> lastBelow = List.of();

  /** Entries as of the last look, so that one need not be read once more to be replaced. */
  private final Map<String, Entry> seen = new ConcurrentHashMap<>();

  public GroupStore(Agreement agreement, GroupName group) {
    this.agreement = agreement;
    this.root = "/groups/" + group.value();
    this.operations = new OperationsStore(agreement, root);
  }

  /** What operators ask of the group. */
  public OperationsStore operations() {
    return operations;
  }

  /**
   * Looks at everything, in one question unless there are nodes that the last look did not show.
   * The parts may be of slightly different moments; commits check them.
   */
  public GroupView view() {
    List<String> folders = List.of(root + "/members", root + "/votes", root + "/restarts");
    List<String> expected = new ArrayList<>(lastBelow);
    List<String> paths = new ArrayList<>(expected);
    paths.addAll(List.of(statePath(), leasePath(), movePath(), writtenPath()));
    paths.addAll(operations.paths());
    Agreement.Look look = agreement.look(folders, paths);
    Map<String, Entry> found = new HashMap<>(look.entries());
    List<String> below = new ArrayList<>();
    look.names().forEach((folder, names) -> names.forEach(name -> below.add(folder + "/" + name)));
    List<String> unexpected = below.stream().filter(path -> !expected.contains(path)).toList();
    if (!unexpected.isEmpty()) {
      found.putAll(agreement.look(List.of(), unexpected).entries());
    }
    lastBelow = below;
    seen.clear();
    seen.putAll(found);
    Map<NodeName, Member> alive = new LinkedHashMap<>();
    for (NodeName node : nodes(look.names().get(folders.get(0)))) {
      entry(found, memberPath(node))
          .ifPresent(entry -> alive.put(node, members.decode(entry.data())));
    }
    Map<NodeName, Versioned<Vote>> standing = new LinkedHashMap<>();
    for (NodeName node : nodes(look.names().get(folders.get(1)))) {
      entry(found, votePath(node))
          .filter(entry -> entry.data().length > 0)
          .ifPresent(entry -> standing.put(node, versioned(votes, entry)));
    }
    return new GroupView(
        entry(found, statePath()).map(entry -> versioned(states, entry)),
        entry(found, leasePath())
            .map(
                entry -> new HeldLease(leases.decode(entry.data()), entry.version(), entry.ours())),
        alive,
        standing,
        entry(found, movePath()).map(entry -> versioned(moves, entry)),
        entry(found, writtenPath()).map(entry -> versioned(positions, entry)),
        operations.view(found, nodes(look.names().get(folders.get(2)))));
  }

  private static List<NodeName> nodes(@Nullable List<String> names) {
    return names == null ? List.of() : names.stream().map(NodeName::new).toList();
  }

  private static Optional<Entry> entry(Map<String, Entry> found, String path) {
    return Optional.ofNullable(found.get(path));
  }

  private static <T> Versioned<T> versioned(JsonCodec<T> codec, Entry entry) {
    return new Versioned<>(codec.decode(entry.data()), entry.version());
  }

  /** Calls after every change in the group and every reconnect. */
  public Watch watch(Runnable onChange) {
    return agreement.watch(root, onChange);
  }

  /** Waits until {@link #view} shows all that was agreed on before this call. */
  public void catchUp() {
    agreement.catchUp();
  }

  /** Writes the group's first state and takes its lease, both or neither. */
  public void found(GroupState state) {
    agreement.commit(
        List.of(
            new Change.Create(statePath(), states.encode(state), Lifetime.PERSISTENT),
            new Change.Create(
                leasePath(),
                leases.encode(new Lease(state.leader(), state.term())),
                Lifetime.SESSION)));
  }

  /**
   * Takes the lease for the reign that {@code state} says is the caller's, in place of one from an
   * earlier session of the same node if {@code stale} names it. The state is written again, the
   * same: what was decided before, and still is on its way, no longer fits its version.
   */
  public void resumeLease(Versioned<GroupState> state, Optional<HeldLease> stale) {
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.Set(statePath(), states.encode(state.value()), state.version()));
    stale.ifPresent(lease -> changes.add(new Change.Delete(leasePath(), lease.version())));
    Lease lease = new Lease(state.value().leader(), state.value().term());
    changes.add(new Change.Create(leasePath(), leases.encode(lease), Lifetime.SESSION));
    agreement.commit(changes);
  }

  /**
   * Gives the lease back. A lease taken again has the same version as the one before; the state's
   * version tells them apart.
   */
  public void yieldLease(Versioned<GroupState> state, HeldLease lease) {
    agreement.commit(
        List.of(
            new Change.Check(statePath(), state.version()),
            new Change.Delete(leasePath(), lease.version())));
  }

  /**
   * Begins the next reign: state and lease change together, and only if the state and every counted
   * vote are as they were seen.
   */
  public void takeTerm(Versioned<GroupState> from, List<Versioned<Vote>> counted, NodeName winner) {
    GroupState next = from.value().succeededBy(winner);
    List<Change> changes = new ArrayList<>();
    for (Versioned<Vote> vote : counted) {
      changes.add(new Change.Check(votePath(vote.value().node()), vote.version()));
    }
    changes.add(new Change.Set(statePath(), states.encode(next), from.version()));
    changes.add(
        new Change.Create(
            leasePath(), leases.encode(new Lease(winner, next.term())), Lifetime.SESSION));
    agreement.commit(changes);
  }

  /** Changes the electing rule within a reign. The lease must still be the one seen. */
  public void setVoters(Versioned<GroupState> from, HeldLease lease, SyncSet voters) {
    agreement.commit(
        List.of(
            new Change.Check(leasePath(), lease.version()),
            new Change.Set(
                statePath(), states.encode(from.value().withVoters(voters)), from.version())));
  }

  /** Says how far the primary's WAL goes. The lease must still be the one seen. */
  public void recordWritten(HeldLease lease, Optional<Versioned<WrittenWal>> last, WrittenWal now) {
    byte[] data = positions.encode(now);
    agreement.commit(
        List.of(
            new Change.Check(leasePath(), lease.version()),
            last.<Change>map(seen -> new Change.Set(writtenPath(), data, seen.version()))
                .orElseGet(() -> new Change.Create(writtenPath(), data, Lifetime.PERSISTENT))));
  }

  /**
   * Casts a vote or replaces the node's earlier one, unless the state has changed: a vote that
   * arrives late, perhaps from an agent that is no more, must not stand while its node follows.
   */
  public void castVote(Versioned<GroupState> state, Vote vote) {
    String path = votePath(vote.node());
    byte[] data = votes.encode(vote);
    Change cast =
        lastSeen(path)
            .<Change>map(present -> new Change.Set(path, data, present.version()))
            .orElseGet(() -> new Change.Create(path, data, Lifetime.PERSISTENT));
    agreement.commit(List.of(new Change.Check(statePath(), state.version()), cast));
  }

  /** An entry as it was seen last, which is told once, or as it is. */
  private Optional<Entry> lastSeen(String path) {
    Entry known = seen.remove(path);
    return known == null ? agreement.read(path) : Optional.of(known);
  }

  /** Takes a vote back. */
  public void withdrawVote(Versioned<Vote> vote) {
    agreement.compareAndSet(votePath(vote.value().node()), WITHDRAWN, vote.version());
  }

  /** Says what a node is, for as long as this session lives. */
  public void announce(Member member) {
    put(memberPath(member.node()), members.encode(member), Lifetime.SESSION);
  }

  /** Asks the primary to move. Replaces an earlier wish. */
  public void wish(PlannedMove move) {
    put(movePath(), moves.encode(move), Lifetime.PERSISTENT);
  }

  /** Forgets a wish that is fulfilled or given up. */
  public void forget(Versioned<PlannedMove> move) {
    agreement.delete(movePath(), move.version());
  }

  /** Creates or replaces an entry that only this node writes. */
  private void put(String path, byte[] data, Lifetime lifetime) {
    boolean known = seen.containsKey(path);
    try {
      put(path, data, lifetime, lastSeen(path));
    } catch (ConflictException e) {
      if (!known) {
        throw e;
      }
      // It has changed since the last look.
      put(path, data, lifetime, agreement.read(path));
    }
  }

  private void put(String path, byte[] data, Lifetime lifetime, Optional<Entry> present) {
    if (present.isEmpty()) {
      agreement.create(path, data, lifetime);
    } else if (lifetime == Lifetime.SESSION && !present.get().ours()) {
      // Left by an earlier session of this node, and it would vanish with that one.
      agreement.commit(
          List.of(
              new Change.Delete(path, present.get().version()),
              new Change.Create(path, data, lifetime)));
    } else {
      int version = present.get().version();
      agreement.compareAndSet(path, data, version);
      seen.put(path, new Entry(path, data, version + 1, lifetime, present.get().ours()));
    }
  }

  private String statePath() {
    return root + "/state";
  }

  private String leasePath() {
    return root + "/lease";
  }

  private String movePath() {
    return root + "/move";
  }

  private String writtenPath() {
    return root + "/written";
  }

  private String memberPath(NodeName node) {
    return root + "/members/" + node.value();
  }

  private String votePath(NodeName node) {
    return root + "/votes/" + node.value();
  }
}
