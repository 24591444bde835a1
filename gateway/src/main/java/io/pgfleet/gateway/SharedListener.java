package io.pgfleet.gateway;

import io.pgfleet.gateway.listen.ClientChannels;
import io.pgfleet.gateway.listen.SharedChannels;
import io.pgfleet.gateway.login.Credentials;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.wire.ServerReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one connection to the primary that listens for all clients of a database and user. It lives
 * on one loop; {@link #subscribe} and {@link #unsubscribe} may be called on any. It opens with the
 * first channel, listens to all again on the next primary, and closes a while after the last.
 */
final class SharedListener implements ServerOwner {
  private static final long RETRY = 100_000_000L;
  private static final long LINGER = 60_000_000_000L;

  private final EventLoop loop;
  private final PoolKey key;
  private final SharedChannels<ClientLink> channels;
  private Credentials keys = new Credentials.None();
  private @Nullable ServerLink server;
  private boolean ready;
  private boolean retrying;
  private long unusedSince;

  SharedListener(EventLoop loop, PoolKey key) {
    this.loop = loop;
    this.key = key;
    this.channels = new SharedChannels<>(new Answers());
  }

  private static final class Answers implements SharedChannels.Answers<ClientLink> {
    @Override
    public void listening(ClientLink client, String channel) {
      client.loop.post(() -> client.ears.answered(channel, true));
    }

    @Override
    public void refused(ClientLink client, String channel) {
      client.loop.post(() -> client.ears.answered(channel, false));
    }

    @Override
    public void missed(ClientLink client) {
      client.loop.post(client.ears::missed);
    }
  }

  boolean isOn(EventLoop other) {
    return other == loop;
  }

  /** Wants to listen; the client is told once that is so, or can't be. */
  void subscribe(ClientLink client, String channel, String written, Credentials with) {
    loop.post(() -> {
      keys = with instanceof Credentials.None ? keys : with;
      channels.subscribe(client, channel, written);
      proceed();
    });
  }

  /** Listens no more. */
  void unsubscribe(ClientLink client, String channel) {
    loop.post(() -> {
      channels.unsubscribe(client, channel);
      unusedSince = loop.now();
      proceed();
      if (channels.isEmpty()) {
        loop.later(LINGER, this::closeIfUnused);
      }
    });
  }

  private void closeIfUnused() {
    ServerLink open = server;
    if (channels.isEmpty() && open != null && loop.now() - unusedSince >= LINGER) {
      open.close();
    }
  }

  private void proceed() {
    ServerLink open = server;
    if (open == null) {
      if (!channels.isEmpty() && !retrying) {
        open();
      }
    } else if (ready) {
      String sql = channels.next();
      if (sql != null) {
        ready = false;
        open.ask(sql, error -> channels.answered(error == null));
      }
    }
  }

  private void open() {
    Optional<Primary> primary = loop.fleet.primary();
    if (primary.isPresent()) {
      ServerLink fresh = new ServerLink(loop, this, primary.get());
      server = fresh;
      fresh.opening.connect();
    }
  }

  /** The primary may be another. */
  void topologyChanged() {
    ServerLink open = server;
    if (open != null && !isCurrent(open)) {
      open.close();
    }
    proceed();
  }

  void close() {
    ServerLink open = server;
    if (open != null) {
      open.close();
    }
  }

  /** Looks whether it takes too long to open. */
  void tick() {
    ServerLink open = server;
    if (open != null) {
      open.opening.tick();
    }
    proceed();
  }

  @Override
  public PoolKey key() {
    return key;
  }

  @Override
  public Credentials keys() {
    return keys;
  }

  @Override
  public void opened(ServerLink link) {
    ready = true;
    proceed();
  }

  @Override
  public void released(ServerLink link) {
    if (!isCurrent(link)) {
      link.close();
      return;
    }
    ready = true;
    proceed();
  }

  @Override
  public void openFailed(ServerLink link, @Nullable ServerReport refusal) {
    closed(link);
  }

  @Override
  public void closed(ServerLink link) {
    server = null;
    ready = false;
    channels.lost();
    if (!channels.isEmpty() && !retrying) {
      retrying = true;
      loop.later(
          RETRY,
          () -> {
            retrying = false;
            proceed();
          });
    }
  }

  @Override
  public boolean isCurrent(ServerLink link) {
    return link.usable() && loop.fleet.topology().has(link.target);
  }

  @Override
  public Figures figures() {
    return loop.ledger.of(key.database(), key.user());
  }

  @Override
  public int statementEpoch() {
    return 0;
  }

  @Override
  public void statementsAreStale() {
    // prepares none
  }

  @Override
  public void notified(ServerLink link, byte[] message) {
    String channel = ClientChannels.channelOf(message);
    Map<EventLoop, List<ClientLink>> byLoop = new HashMap<>(4);
    for (ClientLink client : channels.subscribers(channel)) {
      byLoop.computeIfAbsent(client.loop, absent -> new ArrayList<>()).add(client);
    }
    byLoop.forEach((of, clients) -> {
      if (of == loop) {
        loop.defer(() -> clients.forEach(client -> client.ears.notified(channel, message)));
      } else {
        of.post(() -> clients.forEach(client -> client.ears.notified(channel, message)));
      }
    });
  }
}
