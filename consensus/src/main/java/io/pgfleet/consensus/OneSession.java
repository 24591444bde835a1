package io.pgfleet.consensus;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.jspecify.annotations.Nullable;

/**
 * Lets Curator open one session and never a second. Left alone it replaces an expired session by a
 * new one unasked, and a write meant for the old session would create its SESSION entry in the new.
 */
final class OneSession implements ZookeeperFactory {
  private final AtomicBoolean used = new AtomicBoolean();

  @Override
  public ZooKeeper newZooKeeper(
      String servers, int timeoutMillis, Watcher watcher, boolean canBeReadOnly) throws Exception {
    return newZooKeeper(servers, timeoutMillis, watcher, canBeReadOnly, null);
  }

  @Override
  public ZooKeeper newZooKeeper(
      String servers,
      int timeoutMillis,
      Watcher watcher,
      boolean canBeReadOnly,
      @Nullable ZKClientConfig config)
      throws Exception {
    if (!used.compareAndSet(false, true)) {
      throw new KeeperException.SessionExpiredException();
    }
    ZKClientConfig own = config == null ? new ZKClientConfig() : config;
    own.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
    return new ZooKeeper(servers, timeoutMillis, watcher, canBeReadOnly, own);
  }
}
