package io.pgfleet.gateway;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A bound on server connections over all loops, and the pools that share it. Places are taken and
 * given back one by one; a pool that finds none is {@link #starves starving} here, and the next
 * place that comes free is for the one whose client has waited longest. Safe from any thread,
 * without locks.
 */
final class Room {
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger starving = new AtomicInteger();
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
    if (starving.get() > 0) {
      Pool eldest = eldest(null);
      if (eldest != null) {
        eldest.wakeUp();
      }
    }
  }

  /** A pool has clients waiting and finds no place here, or does so no more. */
  void starves(boolean begins) {
    starving.addAndGet(begins ? 1 : -1);
  }

  /** Whether some pool starves here. */
  boolean hasStarving() {
    return starving.get() > 0;
  }

  /** The pool starving here, other than one, whose client has waited longest. */
  @Nullable Pool eldest(@Nullable Pool other) {
    Pool eldest = null;
    for (Pool pool : pools) {
      if (pool != other && pool.starvesIn(this)) {
        if (eldest == null || pool.waitingSince() - eldest.waitingSince() < 0) {
          eldest = pool;
        }
      }
    }
    return eldest;
  }

  /** The pool, other than one, with the server that has been idle for longest. */
  @Nullable Pool idlest(Pool other) {
    Pool idlest = null;
    for (Pool pool : pools) {
      if (pool != other && pool.hasIdle()) {
        if (idlest == null || pool.idleSince() - idlest.idleSince() < 0) {
          idlest = pool;
        }
      }
    }
    return idlest;
  }
}
