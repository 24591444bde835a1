package io.pgfleet.consensus;

import io.pgfleet.consensus.AgreementUnavailableException.Outcome;
import io.pgfleet.consensus.Connection.Answer;
import io.pgfleet.consensus.Connection.Answers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.BackgroundCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Agreed state kept by ZooKeeper servers, spoken to through Curator. One object is one session.
 *
 * <p>Below its root the fleet has two trees: {@code state} is what callers see, {@code sessions}
 * holds for each session the entry it renews itself with and its fence.
 */
public final class ZooKeeperAgreement implements Agreement {
  private final Connection connection;
  private final Ticker ticker;
  private final Duration callLimit;
  private final String state;
  private final Writes writes;
  private final Renewal renewal;
  private final Watches watches;

  private ZooKeeperAgreement(
      Connection connection,
      AgreementSettings settings,
      Ticker ticker,
      Renewal renewal,
      String fence) {
    this.connection = connection;
    this.ticker = ticker;
    this.callLimit = settings.callLimit();
    this.state = settings.root() + "/state";
    this.writes = new Writes(connection, state, new Fence(connection, fence));
    this.renewal = renewal;
    this.watches = new Watches(connection, state);
  }

  /**
   * Connects, opens a session and renews it until it is closed or lost.
   *
   * @throws AgreementUnavailableException if the servers do not answer within the call limit
   * @throws AgreementRefusedException if the tree there was made with another secret
   */
  public static ZooKeeperAgreement open(AgreementSettings settings, Ticker ticker) {
    Connection connection = new Connection(settings);
    boolean opened = false;
    try {
      ZooKeeperAgreement agreement = open(settings, ticker, connection);
      opened = true;
      return agreement;
    } finally {
      if (!opened) {
        connection.close(settings.callLimit());
      }
    }
  }

  private static ZooKeeperAgreement open(
      AgreementSettings settings, Ticker ticker, Connection connection) {
    long askedAt = ticker.nanos();
    Supplier<Duration> remaining = Deadline.after(settings.callLimit(), ticker);
    connection.start(remaining.get());
    Parents parents = new Parents(connection, settings.root());
    if (settings.soleOwner()) {
      parents.claimAll(remaining);
    }
    String sessions = settings.root() + "/sessions";
    parents.make(settings.root() + "/state", remaining);
    parents.make(sessions, remaining);
    String own = sessions + "/" + Long.toHexString(connection.sessionId());
    String fence = own + "-fence";
    expectOk(
        connection,
        fence,
        connection.call((servers, answer) -> ephemeral(servers, answer, fence), remaining.get()));
    Renewal renewal = new Renewal(connection, ticker, own, askedAt);
    if (!renewal.start(remaining.get())) {
      throw connection.unavailable(Outcome.NOT_DONE);
    }
    ZooKeeperAgreement agreement =
        new ZooKeeperAgreement(connection, settings, ticker, renewal, fence);
    expectOk(
        connection, agreement.state, connection.call(agreement.watches.setting(), remaining.get()));
    agreement.watches.start();
    return agreement;
  }

  private static void ephemeral(CuratorFramework servers, BackgroundCallback answer, String path)
      throws Exception {
    servers
        .create()
        .withMode(CreateMode.EPHEMERAL)
        .withACL(ZooDefs.Ids.CREATOR_ALL_ACL)
        .inBackground(answer)
        .forPath(path, new byte[0]);
  }

  private static void expectOk(Connection connection, String path, Answer answer) {
    if (answer.isMissing()) {
      throw connection.unavailable(Outcome.NOT_DONE);
    }
    if (!answer.isOk()) {
      throw connection.refused(path, answer.code());
    }
  }

  private Supplier<Duration> deadline() {
    return Deadline.after(callLimit, ticker);
  }

  @Override
  public Optional<Entry> read(String path) {
    return read(path, deadline());
  }

  private Optional<Entry> read(String path, Supplier<Duration> remaining) {
    return Optional.ofNullable(look(List.of(), List.of(path), remaining).entries().get(path));
  }

  private Entry entry(String path, byte @Nullable [] data, Stat stat) {
    return new Entry(
        path,
        data == null ? new byte[0] : data,
        stat.getVersion(),
        stat.getEphemeralOwner() == 0 ? Lifetime.PERSISTENT : Lifetime.SESSION,
        stat.getEphemeralOwner() == renewal.id());
  }

  @Override
  public Look look(List<String> folders, List<String> paths) {
    return look(folders, paths, deadline());
  }

  private Look look(List<String> folders, List<String> paths, Supplier<Duration> remaining) {
    if (folders.isEmpty() && paths.isEmpty()) {
      return new Look(Map.of(), Map.of());
    }
    List<Op> questions = new ArrayList<>();
    folders.forEach(folder -> questions.add(Op.getChildren(Paths.on(state, folder))));
    paths.forEach(path -> questions.add(Op.getData(Paths.on(state, path))));
    Iterator<OpResult> results = ask(questions, remaining).iterator();
    Map<String, List<String>> names = new LinkedHashMap<>();
    for (String folder : folders) {
      names.put(
          folder,
          results.next() instanceof OpResult.GetChildrenResult there
              ? there.getChildren().stream().sorted().toList()
              : List.of());
    }
    Map<String, Entry> found = new LinkedHashMap<>();
    for (String path : paths) {
      if (results.next() instanceof OpResult.GetDataResult there) {
        found.put(path, entry(path, there.getData(), there.getStat()));
      }
    }
    return new Look(names, found);
  }

  @Override
  public List<String> children(String path) {
    return look(List.of(path), List.of()).names().getOrDefault(path, List.of());
  }

  /**
   * A result for each question, an error only for one about a place where nothing is. Reading
   * changes nothing, so it is asked again until the time is up.
   */
  private List<OpResult> ask(List<Op> questions, Supplier<Duration> remaining) {
    Answers answers = connection.ask(questions, remaining.get());
    while (answers.isMissing() && !connection.isLost() && remaining.get().isPositive()) {
      Pause.beforeTryingAgain(remaining.get());
      answers = connection.ask(questions, remaining.get());
    }
    if (answers.isMissing()) {
      throw connection.unavailable(Outcome.NOT_DONE);
    }
    if (answers.results().size() != questions.size()) {
      throw connection.refused(state, answers.code());
    }
    for (int i = 0; i < questions.size(); i++) {
      if (answers.results().get(i) instanceof OpResult.ErrorResult error
          && error.getErr() != Code.NONODE.intValue()) {
        throw connection.refused(
            questions.get(i).getPath(),
            Objects.requireNonNullElse(Code.get(error.getErr()), Code.SYSTEMERROR));
      }
    }
    return answers.results();
  }

  @Override
  public void catchUp() {
    writes.settle(deadline());
  }

  @Override
  public Entry create(String path, byte[] data, Lifetime lifetime) {
    writes.commit(List.of(new Change.Create(path, data, lifetime)), deadline());
    return new Entry(path, data, 0, lifetime, lifetime == Lifetime.SESSION);
  }

  @Override
  public Entry compareAndSet(String path, byte[] data, int expectedVersion) {
    Supplier<Duration> remaining = deadline();
    Optional<Stat> stat =
        writes.commit(List.of(new Change.Set(path, data, expectedVersion)), remaining);
    long owner =
        stat.isPresent()
            ? stat.get().getEphemeralOwner()
            : read(path, remaining).filter(Entry::ours).isPresent() ? renewal.id() : 0;
    return new Entry(
        path,
        data,
        expectedVersion + 1,
        owner == 0 ? Lifetime.PERSISTENT : Lifetime.SESSION,
        owner == renewal.id());
  }

  @Override
  public void delete(String path, int expectedVersion) {
    writes.commit(List.of(new Change.Delete(path, expectedVersion)), deadline());
  }

  @Override
  public void commit(List<Change> changes) {
    if (!changes.isEmpty()) {
      writes.commit(changes, deadline());
    }
  }

  @Override
  public Watch watch(String subtree, Runnable onChange) {
    Paths.on(state, subtree);
    return watches.add(subtree, onChange);
  }

  @Override
  public Session session() {
    return renewal;
  }

  @Override
  public void close() {
    renewal.close();
    connection.close(callLimit);
    watches.close();
  }
}
