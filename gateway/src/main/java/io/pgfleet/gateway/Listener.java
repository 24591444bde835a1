package io.pgfleet.gateway;

import io.pgfleet.gateway.poll.Watched;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts clients and deals them out to the loops in turn. */
final class Listener implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /** Accepted at one go, so that a storm of clients does not stop those at work. */
  private static final int BATCH = 64;

  private final Fleet fleet;
  private final ServerSocketChannel channel;
  private final EventLoop own;
  private final List<EventLoop> loops;
  private final Watched key;
  private int next;

  Listener(Fleet fleet, ServerSocketChannel channel, EventLoop own, List<EventLoop> loops)
      throws IOException {
    this.fleet = fleet;
    this.channel = channel;
    this.own = own;
    this.loops = loops;
    this.key = own.register(channel, SelectionKey.OP_ACCEPT, this);
  }

  @Override
  public void ready(int operations) {
    try {
      for (int i = 0; i < BATCH; i++) {
        SocketChannel client = channel.accept();
        if (client == null) {
          return;
        }
        accepted(client);
      }
    } catch (IOException e) {
      // Out of file descriptors, most likely: asking again at once would spin.
      LOG.warn("Can't accept a client: {}. Trying again in a second.", e.getMessage());
      key.interest(0);
      own.later(
          1_000_000_000L,
          () -> {
            if (key.valid()) {
              key.interest(SelectionKey.OP_ACCEPT);
            }
          });
    }
  }

  private void accepted(SocketChannel client) throws IOException {
    int most = fleet.settings.maxClientConnections() + fleet.settings.maxClientConnections() / 4;
    if (fleet.sockets.incrementAndGet() > most + 100) {
      fleet.sockets.decrementAndGet();
      client.close();
      return;
    }
    EventLoop loop = loops.get(next++ % loops.size());
    if (loop == own) {
      loop.admit(client);
    } else {
      loop.post(() -> loop.admit(client));
    }
  }

  /** Accepts whoever has reached this process, then listens no more. */
  void finish() {
    if (!channel.isOpen()) {
      return;
    }
    try {
      for (SocketChannel client = channel.accept(); client != null; client = channel.accept()) {
        accepted(client);
      }
    } catch (IOException e) {
      LOG.warn("Clients that had just connected may be lost: {}", e.getMessage());
    }
    close();
  }

  void close() {
    key.cancel();
    EventLoop.closeQuietly(channel);
  }
}
