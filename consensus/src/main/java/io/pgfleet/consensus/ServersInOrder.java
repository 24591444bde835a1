package io.pgfleet.consensus;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.HostProvider;

/**
 * Has ZooKeeper's client try the servers in the order in which they are given, from the first on
 * after each loss. Left alone it shuffles them, so that an agent hangs on another host's member:
 * its session would then suffer when that host is lost, and it would look for it there first.
 */
final class ServersInOrder implements HostProvider {
  private volatile List<InetSocketAddress> servers;
  private int next;
  private boolean goneAround;

  ServersInOrder(String connect) {
    this.servers = List.copyOf(new ConnectStringParser(connect).getServerAddresses());
  }

  @Override
  public int size() {
    return servers.size();
  }

  @Override
  public synchronized InetSocketAddress next(long spinDelay) {
    List<InetSocketAddress> all = servers;
    if (next >= all.size()) {
      next = 0;
      goneAround = true;
    }
    if (next == 0 && goneAround && spinDelay > 0) {
      try {
        Thread.sleep(spinDelay);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    InetSocketAddress server = all.get(next++);
    // The name is looked up each time, for it may have moved.
    return new InetSocketAddress(server.getHostString(), server.getPort());
  }

  @Override
  public synchronized void onConnected() {
    next = 0;
    goneAround = false;
  }

  @Override
  public synchronized boolean updateServerList(
      Collection<InetSocketAddress> now, InetSocketAddress current) {
    servers = List.copyOf(now);
    onConnected();
    return !now.contains(current);
  }
}
