package io.pgfleet.consensus;

import io.pgfleet.consensus.AgreementUnavailableException.Outcome;
import io.pgfleet.consensus.Connection.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Stat;

/** Makes the commits of one session, one after the other, each with the {@link Fence}. */
final class Writes {
  /** What fits into one request to the servers (jute.maxbuffer, 1 MiB) with room for the rest. */
  private static final int MOST_BYTES = 900 * 1024;

  private final Connection connection;
  private final String state;
  private final Fence fence;
  private final Parents parents;
  private final ReentrantLock lock = new ReentrantLock(true);

  /** Whether the last commit's answer is missing still; guarded by the lock. */
  private boolean inDoubt;

  Writes(Connection connection, String state, Fence fence) {
    this.connection = connection;
    this.state = state;
    this.fence = fence;
    this.parents = new Parents(connection, state);
  }

  /** Makes a write of no other effect, which also ends the doubt about the last commit. */
  void settle(Supplier<Duration> remaining) {
    locked(
        remaining,
        () -> {
          settleDoubt(remaining);
          return Optional.empty();
        });
  }

  /**
   * Makes all changes or none.
   *
   * @return the state of the first change's entry, if it was a Set and the servers' answer came
   */
  Optional<Stat> commit(List<Change> changes, Supplier<Duration> remaining) {
    requireSendable(changes);
    return locked(
        remaining,
        () -> {
          if (inDoubt) {
            settleDoubt(remaining);
          }
          return attempts(changes, remaining);
        });
  }

  private boolean settleDoubt(Supplier<Duration> remaining) {
    // Until it is answered, where the fence stands is unknown, even if no commit was.
    inDoubt = true;
    try {
      boolean happened = fence.settle(remaining);
      inDoubt = false;
      return happened;
    } catch (AgreementUnavailableException e) {
      throw connection.unavailable(Outcome.NOT_DONE);
    }
  }

  private Optional<Stat> attempts(List<Change> changes, Supplier<Duration> remaining) {
    // Each round that finds a parent missing makes it; others may delete them again, but not for
    // ever.
    for (int parentsMade = 0; ; ) {
      inDoubt = true;
      Answer answer =
          connection.call((servers, callback) -> send(changes, servers, callback), remaining.get());
      if (answer.isMissing()) {
        boolean happened = fence.settle(remaining);
        inDoubt = false;
        if (happened) {
          return Optional.empty();
        }
        if (!remaining.get().isPositive()) {
          throw connection.unavailable(Outcome.NOT_DONE);
        }
        continue;
      }
      inDoubt = false;
      if (answer.isOk()) {
        fence.passed();
        return Optional.ofNullable(answer.details().getOpResults().getFirst().getResultStat());
      }
      Optional<String> parent = missingParent(changes, answer);
      if (parent.isEmpty() || parentsMade++ > changes.size()) {
        throw refusal(changes, answer);
      }
      parents.make(parent.get(), remaining);
    }
  }

  private void send(
      List<Change> changes,
      CuratorFramework servers,
      org.apache.curator.framework.api.BackgroundCallback callback)
      throws Exception {
    List<CuratorOp> steps = new ArrayList<>();
    for (Change change : changes) {
      steps.add(step(change, servers));
    }
    steps.add(fence.step(servers));
    servers.transaction().inBackground(callback).forOperations(steps);
  }

  private CuratorOp step(Change change, CuratorFramework servers) throws Exception {
    String path = Paths.on(state, change.path());
    var step = servers.transactionOp();
    return switch (change) {
      case Change.Check check -> step.check().withVersion(check.expectedVersion()).forPath(path);
      case Change.Create create ->
          step.create()
              .withMode(
                  switch (create.lifetime()) {
                    case PERSISTENT -> CreateMode.PERSISTENT;
                    case SESSION -> CreateMode.EPHEMERAL;
                  })
              .withACL(ZooDefs.Ids.CREATOR_ALL_ACL)
              .forPath(path, create.data());
      case Change.Set set ->
          step.setData().withVersion(set.expectedVersion()).forPath(path, set.data());
      case Change.Delete delete ->
          step.delete().withVersion(delete.expectedVersion()).forPath(path);
    };
  }

  /** The index of the step that did not fit; those before are marked OK, those after as undone. */
  private static int culprit(Answer answer) {
    List<CuratorTransactionResult> results = answer.details().getOpResults();
    for (int i = 0; results != null && i < results.size(); i++) {
      int error = results.get(i).getError();
      if (error != Code.OK.intValue() && error != Code.RUNTIMEINCONSISTENCY.intValue()) {
        return i;
      }
    }
    return -1;
  }

  private Optional<String> missingParent(List<Change> changes, Answer answer) {
    int culprit = culprit(answer);
    if (answer.code() == Code.NONODE
        && culprit >= 0
        && culprit < changes.size()
        && changes.get(culprit) instanceof Change.Create create
        && !create.path().equals("/")) {
      return Optional.of(Paths.above(Paths.on(state, create.path())));
    }
    return Optional.empty();
  }

  private AgreementException refusal(List<Change> changes, Answer answer) {
    int culprit = culprit(answer);
    if (culprit < 0 || culprit >= changes.size()) {
      return connection.refused(state, answer.code());
    }
    String path = changes.get(culprit).path();
    return switch (answer.code()) {
      case NODEEXISTS -> new ConflictException(path, path + " is there already.", null);
      case NONODE -> new ConflictException(path, path + " is not there.", null);
      case BADVERSION -> new ConflictException(path, path + " was changed by another.", null);
      case NOTEMPTY -> new ConflictException(path, path + " has entries below it.", null);
      case NOCHILDRENFOREPHEMERALS ->
          new ConflictException(path, path + " can't stand below a SESSION entry.", null);
      default -> connection.refused(path, answer.code());
    };
  }

  private Optional<Stat> locked(Supplier<Duration> remaining, Supplier<Optional<Stat>> work) {
    boolean held = false;
    try {
      held = lock.tryLock(remaining.get().toNanos(), TimeUnit.NANOSECONDS);
      if (!held || connection.isLost()) {
        throw connection.unavailable(Outcome.NOT_DONE);
      }
      return work.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw connection.unavailable(Outcome.NOT_DONE);
    } finally {
      if (held) {
        lock.unlock();
      }
    }
  }

  private void requireSendable(List<Change> changes) {
    long bytes = 0;
    for (Change change : changes) {
      Paths.on(state, change.path());
      bytes +=
          change.path().length()
              + switch (change) {
                case Change.Create create -> create.data().length;
                case Change.Set set -> set.data().length;
                case Change.Check ignored -> 0;
                case Change.Delete ignored -> 0;
              };
    }
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          "a commit of " + bytes + " bytes is too big; at most " + MOST_BYTES);
    }
  }
}
