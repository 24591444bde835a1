package io.pgfleet.gateway;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The cancel requests under way for one server connection. */
final class ServerCancels {
  private static final int TRIES = 5;
  private static final long AGAIN = 100_000_000L;

  private final EventLoop loop;
  private final ServerLink server;
  private final Set<CancelRelay> relays = new HashSet<>(2);

  ServerCancels(EventLoop loop, ServerLink server) {
    this.loop = loop;
    this.server = server;
  }

  /** While one is, the server may be given to nobody else. */
  boolean underWay() {
    return !relays.isEmpty();
  }

  /** Cancels the request that runs now. */
  void begin() {
    attempt(server.requestsDone, TRIES);
  }

  private void attempt(long request, int tries) {
    CancelRelay relay =
        new CancelRelay(loop, server, (own, certain) -> done(own, certain, request, tries));
    relays.add(relay);
    relay.start();
  }

  /** The server is given up: no signal is to be sent to it any more. */
  void end() {
    List.copyOf(relays).forEach(CancelRelay::close);
  }

  private void done(CancelRelay relay, boolean certain, long request, int tries) {
    relays.remove(relay);
    again(request, tries);
    server.releaseIfDone(certain);
  }

  /** A signal that came before the backend had begun with the request did nothing: once more. */
  private void again(long request, int tries) {
    if (tries > 1) {
      loop.later(
          AGAIN,
          () -> {
            boolean busy = server.state == ServerLink.State.USED && !server.exchange.isEmpty();
            if (busy && server.requestsDone == request) {
              attempt(request, tries - 1);
            }
          });
    }
  }
}
