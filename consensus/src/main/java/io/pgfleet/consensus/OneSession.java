package io.pgfleet.consensus;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.ClientCnxnSocketNetty;
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
  private final Optional<TlsFiles> tls;
  private final boolean inOrder;

  OneSession(Optional<TlsFiles> tls, boolean inOrder) {
    this.tls = tls;
    this.inOrder = inOrder;
  }

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
    if (tls.isPresent()) {
      TlsFiles.calmNetty();
      own.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
      // The only one of ZooKeeper's two ways to connect that knows TLS.
      own.setProperty(
          ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, ClientCnxnSocketNetty.class.getName());
      tls.get().properties("zookeeper.ssl.").forEach(own::setProperty);
    }
    return inOrder
        ? new ZooKeeper(
            servers, timeoutMillis, watcher, canBeReadOnly, new ServersInOrder(servers), own)
        : new ZooKeeper(servers, timeoutMillis, watcher, canBeReadOnly, own);
  }
}
