package io.pgfleet.bench.engine.forward;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The servers of one loop and the clients that wait for one, first come first served. Belongs to
 * the loop's thread.
 *
 * @param <C> a client's end
 * @param <S> a server's end
 */
final class Lending<C, S> {
  private final ArrayDeque<S> idle = new ArrayDeque<>();
  private final ArrayDeque<C> waiting = new ArrayDeque<>();

  /** A server for a client; none if the client has to wait, and then it is remembered. */
  @Nullable S borrow(C client) {
    S server = idle.pollLast();
    if (server == null) {
      waiting.add(client);
    }
    return server;
  }

  /** The client that is to have a server that came free; none if the server rests. */
  @Nullable C giveBack(S server) {
    C next = waiting.poll();
    if (next == null) {
      idle.add(server);
    }
    return next;
  }

  /** A client is gone. */
  void forget(C client) {
    waiting.remove(client);
  }
}
