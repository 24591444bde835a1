package io.pgfleet.gateway;

/**
 * What a pool asks of other pools and does for them: servers move to the same pool on another loop,
 * and idle ones are closed for other databases and users, so that whoever has waited longest is
 * served first. For the pool's loop, but for what is posted there.
 */
final class Lending {
  /** How much longer a client of another loop must have waited: moving a server costs some. */
  private static final long MOVE_MARGIN = 2_000_000L;

  /** The same for a client of another database or user: closing and opening one costs more. */
  private static final long CLOSE_MARGIN = 100_000_000L;

  private final Pool pool;
  private final Places places;
  private volatile boolean asking;

  Lending(Pool pool, Places places) {
    this.pool = pool;
    this.places = places;
  }

  /** There is no place: asks for an idle server of another loop, or that one is closed. */
  void ask() {
    if (asking) {
      return;
    }
    Pool twin = places.idleTwin();
    Pool idlest = twin == null ? places.inTheWay() : null;
    if (twin != null) {
      asking = true;
      twin.loop.post(() -> lend(twin));
    } else if (idlest != null) {
      asking = true;
      idlest.loop.post(() -> {
        asking = false;
        idlest.closeOneIdle();
      });
    }
  }

  /** On the twin's loop: it gives an idle server, if there still is one. */
  private void lend(Pool twin) {
    asking = false;
    ServerLink server = places.starving() ? twin.takeIdle(false) : null;
    if (server != null) {
      twin.move(server, pool);
    }
  }

  /** Gives a server up for a client elsewhere that has waited longer; false if there is none. */
  boolean yields(ServerLink server, long since) {
    Pool twin = places.eldestTwin();
    if (twin != null && since - twin.places.waitingSince() > MOVE_MARGIN) {
      pool.move(server, twin);
      pool.serve();
      return true;
    }
    Pool neighbour = places.eldestNeighbour();
    if (neighbour != null && since - neighbour.places.waitingSince() > CLOSE_MARGIN) {
      server.close();
      return true;
    }
    return false;
  }

  /** Nobody waits here, but somebody does elsewhere. */
  void help() {
    Pool twin = places.eldestTwin();
    ServerLink server = pool.takeIdle(true);
    if (server == null) {
      return;
    }
    if (twin != null) {
      pool.move(server, twin);
    } else if (places.eldestNeighbour() != null) {
      server.close();
    } else {
      pool.putIdle(server);
    }
  }
}
