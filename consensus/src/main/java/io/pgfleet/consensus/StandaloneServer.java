package io.pgfleet.consensus;

import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;

/** ZooKeeper's single server, which offers no other way to hear that it failed or to mute JMX. */
final class StandaloneServer extends ZooKeeperServer {
  private static final int SYSTEM_BACKLOG = -1;

  private final Runnable onError;

  StandaloneServer(
      FileTxnSnapLog log,
      int tickMillis,
      int shortestSessionMillis,
      int longestSessionMillis,
      Runnable onError) {
    super(
        null,
        log,
        tickMillis,
        shortestSessionMillis,
        longestSessionMillis,
        SYSTEM_BACKLOG,
        new ZKDatabase(log),
        "");
    this.onError = onError;
  }

  @Override
  protected void setState(State state) {
    super.setState(state);
    if (state == State.ERROR) {
      onError.run();
    }
  }

  @Override
  protected void registerJMX() {
    // The program has its own metrics; nothing of the server shall be reached through JMX.
  }

  @Override
  protected void unregisterJMX() {
    // Nothing was registered.
  }
}
