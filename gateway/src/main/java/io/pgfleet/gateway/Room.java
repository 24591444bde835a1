package io.pgfleet.gateway;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A bound on server connections over all loops, and the pools that share it. Places are taken and
 * given back one by one; a pool that finds none starves here, and the next place that comes free is
 * for the one whose client has waited longest. Safe from any thread, without locks.
 */
final class Room {
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger starving = new AtomicInteger();
  private final AtomicInteger hungry = new AtomicInteger();
  private final AtomicInteger clients = new AtomicInteger();
  private final AtomicInteger epoch = new AtomicInteger();
  private final List<Pool> pools = new CopyOnWriteArrayList<>();

  void enter(Pool pool) {
    pools.add(pool);
  }

  void leave(Pool pool) {
    pools.remove(pool);
  }

  List<Pool> pools() {
    return pools;
  }

  boolean isEmpty() {
    return pools.isEmpty() && taken.get() <= 0;
  }

  int taken() {
    return taken.get();
  }

  /** The clients of all its pools. */
  AtomicInteger clients() {
    return clients;
  }

  /** Prepared statements made in an earlier one must be made again: the schema has changed. */
  AtomicInteger statementEpoch() {
    return epoch;
  }

  /** Takes a place if fewer than the limit are; a limit of 0 is none. */
  boolean take(int limit) {
    while (true) {
      int now = taken.get();
      if (limit > 0 && now >= limit) {
        return false;
      }
      if (taken.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /** Gives a place back. */
  void give() {
    taken.decrementAndGet();
    wakeEldest();
  }

  /** Has the pool that starves here for longest look again. */
  void wakeEldest() {
    if (starving.get() > 0) {
      Pool eldest = eldest(null);
      if (eldest != null) {
        Pool hungry = eldest;
        hungry.loop.post(hungry::serve);
      }
    }
  }

  /** The pools that starve for want of a place here. */
  AtomicInteger starving() {
    return starving;
  }

  /** The pools here that starve for whatever reason. */
  AtomicInteger hungry() {
    return hungry;
  }

  /** The pool starving here, other than one, whose client has waited longest. */
  @Nullable Pool eldest(@Nullable Pool other) {
    Pool eldest = null;
    for (Pool pool : pools) {
      if (pool != other && pool.places.starvesIn(this)) {
        eldest = elder(eldest, pool);
      }
    }
    return eldest;
  }

  static Pool elder(@Nullable Pool one, Pool two) {
    return one == null || two.places.waitingSince() - one.places.waitingSince() < 0 ? two : one;
  }

  /** The pool, other than one, with the server that has been idle for longest. */
  @Nullable Pool idlest(Pool other) {
    Pool idlest = null;
    for (Pool pool : pools) {
      if (pool != other && pool.places.hasIdle()) {
        if (idlest == null || pool.places.idleSince() - idlest.places.idleSince() < 0) {
          idlest = pool;
        }
      }
    }
    return idlest;
  }
}
