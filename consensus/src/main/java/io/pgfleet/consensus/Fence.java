package io.pgfleet.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pgfleet.consensus.AgreementUnavailableException.Outcome;
import io.pgfleet.consensus.Connection.Answer;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException.Code;

/**
 * Tells whether a write whose answer was lost has happened, for good.
 *
 * <p>Each session has a fence entry that it alone writes. Every commit also sets the fence, from
 * the version that the last write left, in the same atomic step. When an answer is missing, the
 * fence is set from that same version by itself: of the two, only one can ever succeed. If this one
 * does, the commit did not happen and never will, even if its bytes still wait in some buffer; if
 * it does not, the fence's text tells whose write came first (this one's answer may have been lost
 * before, too).
 *
 * <p>Not safe for use by many threads; the writer's lock guards it.
 */
final class Fence {
  private static final String COMMIT = "commit";
  private static final String SETTLE = "settle";

  private final Connection connection;
  private final String entry;
  private int version;

  /**
   * @param entry the fence's path on the servers, which must be there with version 0
   */
  Fence(Connection connection, String entry) {
    this.connection = connection;
    this.entry = entry;
  }

  /** The step that every commit carries. */
  CuratorOp step(CuratorFramework servers) throws Exception {
    return servers
        .transactionOp()
        .setData()
        .withVersion(version)
        .forPath(entry, COMMIT.getBytes(UTF_8));
  }

  /** Whether the path is the fence's own. */
  boolean is(String path) {
    return entry.equals(path);
  }

  /** To be told of every commit that is known to have happened. */
  void passed() {
    version++;
  }

  /**
   * Ends the doubt about the last commit, if there was one, by a write of its own.
   *
   * @return whether that commit happened
   * @throws AgreementUnavailableException if the servers can't be reached in time: still in doubt
   */
  boolean settle(Supplier<Duration> remaining) {
    while (!connection.isLost() && remaining.get().isPositive()) {
      Answer answer =
          connection.call(
              (servers, callback) ->
                  servers
                      .setData()
                      .withVersion(version)
                      .inBackground(callback)
                      .forPath(entry, SETTLE.getBytes(UTF_8)),
              remaining.get());
      if (answer.isOk()) {
        version = answer.details().getStat().getVersion();
        return false;
      }
      if (answer.code() == Code.BADVERSION) {
        Answer read =
            connection.call(
                (servers, callback) -> servers.getData().inBackground(callback).forPath(entry),
                remaining.get());
        if (read.isOk()) {
          version = read.details().getStat().getVersion();
          return new String(read.details().getData(), UTF_8).equals(COMMIT);
        }
      } else if (!answer.isMissing()) {
        throw connection.refused(entry, answer.code());
      }
      Pause.beforeTryingAgain(remaining.get());
    }
    throw connection.unavailable(Outcome.UNKNOWN);
  }
}
