package io.pgfleet.consensus.group;

import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.Change;
import io.pgfleet.consensus.ConflictException;
import io.pgfleet.consensus.Entry;
import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.consensus.Lifetime;
import io.pgfleet.consensus.group.GroupView.Versioned;
import io.pgfleet.spec.NodeName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The records of a group that operators write.
 *
 * <p>Below {@code /groups/NAME}, all persistent: {@code pause}, {@code restarts/NODE}, {@code
 * scheduled}, {@code settings}, {@code trial}, {@code nodes}. {@code operator} lives with the
 * session of the one command that restarts servers.
 *
 * <h2>Why nobody takes a term during a pause</h2>
 *
 * <p>{@link #pause} writes the group's state again, the same, in one commit with the pause. Taking
 * a term needs the version of the state that the decision was made from. So a term that was decided
 * on before the pause can't be taken after it. And {@link GroupStore#view} reads the state before
 * it reads the pause: an agent that has seen the state of the pause, or a later one, sees the pause
 * as well and decides to wait.
 *
 * <h2>Why a paused primary may outlive its lease</h2>
 *
 * <p>While a pause stands nobody but the last primary may write. A pause ends in two steps: an
 * operator says that it is to end, and the agent of the last primary, once it guards its lease
 * again, takes it away in a commit that checks the state: with its lease, or while its server does
 * not run. Taking the lease again writes the state, so what an earlier life of that agent has sent
 * no longer fits. An agent that can't reach the consensus servers can't end a pause, and then it
 * stands. Without that agent only an operator who knows that the server is stopped can end it
 * ({@link #forgetPause}).
 *
 * <p>All methods throw what {@link Agreement} throws: {@link ConflictException} where somebody else
 * was first.
 */
public final class OperationsStore {
  private final JsonCodec<GroupState> states = JsonCodec.of(GroupState.class, GroupJson.module());
  private final JsonCodec<Pause> pauses = JsonCodec.of(Pause.class);
  private final JsonCodec<RestartOrder> restarts = JsonCodec.of(RestartOrder.class);
  private final JsonCodec<ScheduledMove> scheduled =
      JsonCodec.of(ScheduledMove.class, GroupJson.module());
  private final JsonCodec<ServerSettings> settings = JsonCodec.of(ServerSettings.class);
  private final JsonCodec<SettingsTrial> trials = JsonCodec.of(SettingsTrial.class);
  private final JsonCodec<NodeChanges> nodes = JsonCodec.of(NodeChanges.class, GroupJson.module());
  private final JsonCodec<PlannedMove> moves = JsonCodec.of(PlannedMove.class, GroupJson.module());

  private final Agreement agreement;
  private final String root;

  OperationsStore(Agreement agreement, String root) {
    this.agreement = agreement;
    this.root = root;
  }

  /** Of what {@link #view} has to be given, what is to be read after the group's state. */
  List<String> paths() {
    return List.of(pausePath(), scheduledPath(), settingsPath(), nodesPath());
  }

  /** Makes a view of what was found. */
  Operations view(Map<String, Entry> found, List<NodeName> ordered) {
    Map<NodeName, Versioned<RestartOrder>> orders = new LinkedHashMap<>();
    for (NodeName node : ordered) {
      of(found, restartPath(node), restarts).ifPresent(order -> orders.put(node, order));
    }
    return new Operations(
        of(found, pausePath(), pauses),
        orders,
        of(found, scheduledPath(), scheduled),
        of(found, settingsPath(), settings),
        of(found, nodesPath(), nodes));
  }

  private static <T> Optional<Versioned<T>> of(
      Map<String, Entry> found, String path, JsonCodec<T> codec) {
    return Optional.ofNullable(found.get(path))
        .map(entry -> new Versioned<>(codec.decode(entry.data()), entry.version()));
  }

  private <T> Optional<Versioned<T>> read(String path, JsonCodec<T> codec) {
    return agreement
        .read(path)
        .map(entry -> new Versioned<>(codec.decode(entry.data()), entry.version()));
  }

  /** Begins a pause, or takes back that one is to end. */
  public void pause(Versioned<GroupState> state, Optional<Versioned<Pause>> standing, Pause pause) {
    byte[] data = pauses.encode(pause);
    agreement.commit(
        List.of(
            new Change.Set(statePath(), states.encode(state.value()), state.version()),
            standing
                .<Change>map(present -> new Change.Set(pausePath(), data, present.version()))
                .orElseGet(() -> new Change.Create(pausePath(), data, Lifetime.PERSISTENT))));
  }

  /** Says that a pause is to end. */
  public void endPause(Versioned<Pause> pause) {
    agreement.compareAndSet(pausePath(), pauses.encode(pause.value().ended()), pause.version());
  }

  /**
   * Takes a pause that is to end away, as the last primary's agent that sees this lease or none.
   */
  public void liftPause(
      Versioned<GroupState> state, Optional<GroupView.HeldLease> lease, Versioned<Pause> pause) {
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.Check(statePath(), state.version()));
    lease.ifPresent(held -> changes.add(new Change.Check(root + "/lease", held.version())));
    changes.add(new Change.Delete(pausePath(), pause.version()));
    agreement.commit(changes);
  }

  /** Takes a pause away on the word of an operator that no server accepts writes. */
  public void forgetPause(Versioned<Pause> pause) {
    agreement.delete(pausePath(), pause.version());
  }

  /** Orders a restart. Replaces an earlier order that was not yet carried out. */
  public void order(NodeName node, RestartOrder order) {
    put(restartPath(node), restarts.encode(order));
  }

  /** Takes an order away: its node is about to carry it out, or it was given up. */
  public void forget(NodeName node, Versioned<RestartOrder> order) {
    agreement.delete(restartPath(node), order.version());
  }

  /** Asks for a move at a time. Replaces an earlier wish. */
  public void schedule(ScheduledMove move) {
    put(scheduledPath(), scheduled.encode(move));
  }

  /** Takes a scheduled move away. */
  public void unschedule(Versioned<ScheduledMove> move) {
    agreement.delete(scheduledPath(), move.version());
  }

  /** Turns a scheduled move into one that is wished for now. */
  public void begin(
      Versioned<ScheduledMove> move, Optional<Versioned<PlannedMove>> standing, PlannedMove wish) {
    byte[] data = moves.encode(wish);
    agreement.commit(
        List.of(
            new Change.Delete(scheduledPath(), move.version()),
            standing
                .<Change>map(present -> new Change.Set(root + "/move", data, present.version()))
                .orElseGet(() -> new Change.Create(root + "/move", data, Lifetime.PERSISTENT))));
  }

  /** Accepts settings for all servers of the group. */
  public void accept(ServerSettings wanted) {
    put(settingsPath(), settings.encode(wanted));
  }

  /**
   * Changes the group's nodes, if its state is as it was seen. The state is written again, the
   * same, for the reason that {@link NodeChanges} gives.
   */
  public void change(
      Versioned<GroupState> state, Optional<Versioned<NodeChanges>> standing, NodeChanges next) {
    byte[] data = nodes.encode(next);
    agreement.commit(
        List.of(
            new Change.Set(statePath(), states.encode(state.value()), state.version()),
            standing
                .<Change>map(present -> new Change.Set(nodesPath(), data, present.version()))
                .orElseGet(() -> new Change.Create(nodesPath(), data, Lifetime.PERSISTENT))));
  }

  /** Forgets all changes of the nodes: those of the file are meant. */
  public void forgetChanges(Versioned<GroupState> state, Versioned<NodeChanges> standing) {
    change(state, Optional.of(standing), NodeChanges.NONE);
  }

  /** The settings that are to be looked at, if there are some. */
  public Optional<Versioned<SettingsTrial>> trial() {
    return read(trialPath(), trials);
  }

  /** Asks for settings to be looked at. Replaces an earlier question. */
  public void ask(SettingsTrial question) {
    put(trialPath(), trials.encode(question));
  }

  /** Answers what was asked. */
  public void judge(Versioned<SettingsTrial> question, SettingsTrial.Verdict verdict) {
    agreement.compareAndSet(
        trialPath(), trials.encode(question.value().with(verdict)), question.version());
  }

  /** Takes a question away, answered or not. */
  public void forget(Versioned<SettingsTrial> question) {
    agreement.delete(trialPath(), question.version());
  }

  /**
   * Says that the caller is the one who restarts servers, for as long as its session lives: two at
   * once would take away more than one.
   *
   * @throws ConflictException if another does so now
   */
  public void claim() {
    agreement.create(operatorPath(), new byte[0], Lifetime.SESSION);
  }

  /** Lets others restart servers. */
  public void unclaim() {
    agreement
        .read(operatorPath())
        .filter(Entry::ours)
        .ifPresent(entry -> agreement.delete(operatorPath(), entry.version()));
  }

  private void put(String path, byte[] data) {
    Optional<Entry> present = agreement.read(path);
    if (present.isEmpty()) {
      agreement.create(path, data, Lifetime.PERSISTENT);
    } else {
      agreement.compareAndSet(path, data, present.get().version());
    }
  }

  private String statePath() {
    return root + "/state";
  }

  private String pausePath() {
    return root + "/pause";
  }

  private String scheduledPath() {
    return root + "/scheduled";
  }

  private String settingsPath() {
    return root + "/settings";
  }

  private String nodesPath() {
    return root + "/nodes";
  }

  private String trialPath() {
    return root + "/trial";
  }

  private String operatorPath() {
    return root + "/operator";
  }

  private String restartPath(NodeName node) {
    return root + "/restarts/" + node.value();
  }
}
