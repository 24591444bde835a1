package io.pgfleet.gateway;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Keeps a pool's idle servers as young and as many as its settings ask for. */
final class PoolUpkeep {
  private final Pool pool;
  private final Places places;

  PoolUpkeep(Pool pool, Places places) {
    this.pool = pool;
    this.places = places;
  }

  /** When a connection opened now is too old; not the same for all, so that they go one by one. */
  long expiry() {
    long lifetime = pool.settings().serverLifetime().toNanos();
    return lifetime == 0
        ? Long.MAX_VALUE
        : pool.loop.now() + lifetime - (long) (lifetime / 5.0 * pool.loop.fleet.chance());
  }

  /** Closes idle servers that are too old, unused for too long, or of no use any more. */
  void closeOld(Collection<ServerLink> idle) {
    Duration idleTimeout = pool.settings().serverIdleTimeout();
    long now = pool.loop.now();
    for (ServerLink server : List.copyOf(idle)) {
      boolean unused =
          !idleTimeout.isZero() && now - server.idleSince > idleTimeout.toNanos() && !isWanted();
      if (server.session.expired(now) || unused || !pool.isCurrent(server)) {
        server.close();
      }
    }
  }

  /** More servers are open than may be, since the pool was made smaller. */
  boolean isOverfull() {
    PoolSettings settings = pool.settings();
    return places.pair().taken() > settings.poolSize() + settings.reservePoolSize();
  }

  /** No more servers are open than min_pool_size asks for. */
  private boolean isWanted() {
    Room pair = places.pair();
    return pair.clients().get() > 0 && pair.taken() <= pool.settings().minPoolSize();
  }

  /** Fewer servers are open than min_pool_size asks for. */
  boolean lacks() {
    return places.pair().taken() < pool.settings().minPoolSize();
  }
}
