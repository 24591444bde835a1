package io.pgfleet.gateway;

import io.pgfleet.gateway.route.Catalogs;
import io.pgfleet.gateway.topology.Standby;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The pools of one key that lead to standbys, and what decides whether reads go there. */
final class PoolReads {
  /** Which functions of the database only read. */
  final Catalogs.Place functions;

  private final AtomicLong lastWrite;
  private final boolean serializable;
  private final Map<String, Pool> pools = new HashMap<>();

  PoolReads(EventLoop loop, PoolKey key) {
    this.functions = loop.fleet.reads.catalogs().of(key.database());
    this.lastWrite = loop.fleet.lastWrite(key);
    this.serializable = key.startup().toString().toLowerCase(Locale.ROOT).contains("serializable");
  }

  /** The pool that leads to a standby. */
  Pool of(Standby target, Function<String, Pool> absent) {
    Pool pool = pools.get(target.node());
    if (pool == null) {
      pool = absent.apply(target.node());
      pools.put(target.node(), pool);
    }
    return pool;
  }

  /** The pool that leads to a node, if there is one. */
  @Nullable Pool on(String node) {
    return pools.get(node);
  }

  void each(Consumer<Pool> act) {
    List.copyOf(pools.values()).forEach(act);
  }

  boolean unused() {
    return pools.values().stream().allMatch(Pool::isUnused);
  }

  /** Forgets pools of standbys that are no more. */
  void sweep(Fleet fleet) {
    pools
        .values()
        .removeIf(pool -> {
          boolean gone = pool.isUnused() && fleet.target(pool.standby) == null;
          if (gone) {
            pool.places.leave(fleet);
          }
          return gone;
        });
  }

  /** The stamp of the last write that any client of the same user and database has done. */
  long lastWrite() {
    return lastWrite.get();
  }

  void wrote(long stamp) {
    if (lastWrite.get() < stamp) {
      lastWrite.accumulateAndGet(stamp, Math::max);
    }
  }

  /** Its clients ask for SERIALIZABLE transactions in their start-up packet. */
  boolean serializable() {
    return serializable;
  }
}
