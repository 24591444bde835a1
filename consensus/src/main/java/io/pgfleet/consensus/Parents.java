package io.pgfleet.consensus;

import io.pgfleet.consensus.AgreementUnavailableException.Outcome;
import io.pgfleet.consensus.Connection.Answer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;

/** Makes the entries that others are to stand below; making one twice does no harm. */
final class Parents {
  /** Others' trees may stand beside ours, so others may create beside it; no more than that. */
  private static final List<ACL> SHARED =
      List.of(
          new ACL(ZooDefs.Perms.ALL, ZooDefs.Ids.AUTH_IDS),
          new ACL(ZooDefs.Perms.READ | ZooDefs.Perms.CREATE, ZooDefs.Ids.ANYONE_ID_UNSAFE));

  private final Connection connection;
  private final String root;

  /**
   * Makes entries for a fleet.
   *
   * @param root what is above it is shared with others
   */
  Parents(Connection connection, String root) {
    this.connection = connection;
    this.root = root;
  }

  private boolean isShared(String path) {
    return root.startsWith(path + "/");
  }

  /** Makes the persistent entry and all above it, where they are missing. */
  void make(String path, Supplier<Duration> remaining) {
    Answer answer = create(path, remaining);
    if (answer.code() == Code.NONODE) {
      make(Paths.above(path), remaining);
      answer = create(path, remaining);
    }
    switch (answer.code()) {
      case OK, NODEEXISTS -> {}
      case NOCHILDRENFOREPHEMERALS ->
          throw new ConflictException(
              Paths.above(path), path + " can't stand below a SESSION entry.", null);
      case NONODE ->
          throw new ConflictException(path, "The entry above " + path + " was deleted.", null);
      case NOAUTH -> {
        boolean inRoot = path.startsWith(root + "/");
        throw inRoot ? connection.refused(path, answer.code()) : connection.notAllowed(path);
      }
      default -> throw connection.refused(path, answer.code());
    }
  }

  private Answer create(String path, Supplier<Duration> remaining) {
    return insist(
        (servers, callback) ->
            servers
                .create()
                .withMode(CreateMode.PERSISTENT)
                .withACL(isShared(path) ? SHARED : ZooDefs.Ids.CREATOR_ALL_ACL)
                .inBackground(callback)
                .forPath(path, new byte[0]),
        remaining);
  }

  /** Takes the servers' root entry for us, where it is still open to everybody. */
  void claimAll(Supplier<Duration> remaining) {
    Answer open =
        insist(
            (servers, callback) -> servers.getACL().inBackground(callback).forPath("/"), remaining);
    if (!open.isOk()) {
      throw connection.refused("/", open.code());
    }
    List<ACL> rights = open.details().getACLList();
    if (!rights.equals(ZooDefs.Ids.OPEN_ACL_UNSAFE)) {
      return;
    }
    int version = open.details().getStat().getAversion();
    Answer taken =
        insist(
            (servers, callback) ->
                servers
                    .setACL()
                    .withVersion(version)
                    .withACL(ZooDefs.Ids.CREATOR_ALL_ACL)
                    .inBackground(callback)
                    .forPath("/"),
            remaining);
    // BADVERSION: another process of the fleet, or the attempt before, was first.
    if (!taken.isOk() && taken.code() != Code.BADVERSION) {
      throw connection.refused("/", taken.code());
    }
  }

  private Answer insist(Connection.Request request, Supplier<Duration> remaining) {
    Answer answer = connection.call(request, remaining.get());
    while (answer.isMissing()) {
      if (connection.isLost() || !remaining.get().isPositive()) {
        throw connection.unavailable(Outcome.NOT_DONE);
      }
      Pause.beforeTryingAgain(remaining.get());
      answer = connection.call(request, remaining.get());
    }
    return answer;
  }
}
