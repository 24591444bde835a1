package io.pgfleet.gateway;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The places for server connections that a pool takes in its rooms: that of its database and user,
 * that of the database, that of the user, and while it logs in that of all logins. What other loops
 * may know of the pool is published here; all else is for the pool's loop.
 *
 * <p>No wake-up is lost between a pool that starves and one that has just become idle: the first
 * says that it starves before it looks for idle servers, the second that it is idle before it looks
 * for the starving, and both by volatile writes.
 */
final class Places {
  /** Logins to servers under way at once, so that a storm of clients is none for the server. */
  private static final int MAX_LOGINS = 40;

  private final Pool pool;
  private final Room pair;
  private final Room database;
  private final Room user;
  private final Room logins;
  private volatile boolean starving;
  private volatile @Nullable Room starvingIn;
  private volatile long waitingSince;
  private volatile boolean hasIdle;
  private volatile long idleSince;
  private @Nullable Room full;

  Places(Pool pool, Fleet fleet, String node) {
    PoolKey key = pool.key();
    this.pool = pool;
    this.pair = fleet.room(new Fleet.RoomKey(node, key.database(), key.user()));
    this.database = fleet.room(new Fleet.RoomKey(node, key.database(), ""));
    this.user = fleet.room(new Fleet.RoomKey(node, "", key.user()));
    this.logins = fleet.logins;
    for (Room room : List.of(pair, database, user, logins)) {
      room.enter(pool);
    }
  }

  /** The pool is no more. */
  void leave(Fleet fleet) {
    fed();
    for (Room room : List.of(pair, database, user, logins)) {
      room.leave(pool);
    }
    fleet.sweepRooms();
  }

  Room pair() {
    return pair;
  }

  /**
   * Takes what a new connection needs; false if a room is full, or an elder waits there.
   *
   * @param poolLimit of the room of database and user; the reserve included if that may be used
   * @param since when the client began to wait that needs it
   */
  boolean take(int poolLimit, PoolSettings settings, long since) {
    if (!takeIn(logins, MAX_LOGINS, since)) {
      return false;
    }
    if (!takeIn(pair, poolLimit, since)) {
      logins.give();
      return false;
    }
    if (!takeIn(database, settings.maxDbConnections(), since)) {
      logins.give();
      pair.give();
      return false;
    }
    if (!takeIn(user, settings.maxUserConnections(), since)) {
      logins.give();
      pair.give();
      database.give();
      return false;
    }
    full = null;
    return true;
  }

  private boolean takeIn(Room room, int limit, long since) {
    boolean first = true;
    if (limit > 0 && room.starving().get() > 0) {
      Pool eldest = room.eldest(pool);
      first = eldest == null || eldest.places.waitingSince() - since >= 0;
    }
    boolean taken = first && room.take(limit);
    if (!taken) {
      full = room;
    }
    return taken;
  }

  /** The login has ended, well or not. */
  void loginEnded() {
    logins.give();
  }

  /** A connection is closed. */
  void give() {
    pair.give();
    database.give();
    user.give();
  }

  /** The pool whose longest idle server stands in the way; null if there is none. */
  @Nullable Pool inTheWay() {
    Room room = full;
    return room == null || room == logins ? null : room.idlest(pool);
  }

  /** Clients wait, and there is no server and no place for one. */
  void starve(long since) {
    waitingSince = since;
    Room in = full;
    Room before = starvingIn;
    if (before != in) {
      starvingIn = in;
      if (before != null) {
        before.starving().decrementAndGet();
      }
      if (in != null) {
        in.starving().incrementAndGet();
      }
    }
    if (!starving) {
      starving = true;
      pair.hungry().incrementAndGet();
    }
  }

  /** It is not so, or no more. */
  void fed() {
    if (!starving) {
      return;
    }
    starving = false;
    pair.hungry().decrementAndGet();
    Room in = starvingIn;
    starvingIn = null;
    if (in != null) {
      in.starving().decrementAndGet();
      // a place may be free that was kept for this one
      in.wakeEldest();
    }
  }

  boolean starving() {
    return starving;
  }

  boolean starvesIn(Room room) {
    return starvingIn == room;
  }

  long waitingSince() {
    return waitingSince;
  }

  /** The idle servers are others now. */
  void idle(@Nullable ServerLink longest) {
    if (longest == null) {
      if (hasIdle) {
        hasIdle = false;
      }
    } else {
      idleSince = longest.idleSince;
      hasIdle = true;
    }
  }

  boolean hasIdle() {
    return hasIdle;
  }

  long idleSince() {
    return idleSince;
  }

  /** Nobody elsewhere wants a server that this pool could do without. */
  boolean quiet() {
    int own = starving ? 1 : 0;
    return pair.hungry().get() <= own
        && database.starving().get() == 0
        && user.starving().get() == 0;
  }

  /** The starving pool of the same key on another loop that has waited longest. */
  @Nullable Pool eldestTwin() {
    Pool eldest = null;
    for (Pool other : pair.pools()) {
      if (other != pool && other.places.starving && other.key().equals(pool.key())) {
        eldest = Room.elder(eldest, other);
      }
    }
    return eldest;
  }

  /** A pool of the same key on another loop with an idle server. */
  @Nullable Pool idleTwin() {
    for (Pool other : pair.pools()) {
      if (other != pool && other.places.hasIdle && other.key().equals(pool.key())) {
        return other;
      }
    }
    return null;
  }

  /** The pool of another key, starving for a place that this one could free, eldest first. */
  @Nullable Pool eldestNeighbour() {
    Pool eldest = null;
    for (Room room : List.of(pair, database, user)) {
      Pool candidate = room.starving().get() > 0 ? room.eldest(pool) : null;
      if (candidate != null && !candidate.key().equals(pool.key())) {
        eldest = Room.elder(eldest, candidate);
      }
    }
    return eldest;
  }
}
