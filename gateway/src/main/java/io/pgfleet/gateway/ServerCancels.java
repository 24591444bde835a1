package io.pgfleet.gateway;

/** The cancel requests under way for one server connection. */
final class ServerCancels {
  private static final int TRIES = 5;
  private static final long AGAIN = 100_000_000L;

  private final EventLoop loop;
  private final ServerLink server;
  private int underWay;

  ServerCancels(EventLoop loop, ServerLink server) {
    this.loop = loop;
    this.server = server;
  }

  /** While one is, the server may be given to nobody else. */
  boolean underWay() {
    return underWay > 0;
  }

  /** Cancels the request that runs now. */
  void begin() {
    attempt(server.requestsDone, TRIES);
  }

  private void attempt(long request, int tries) {
    CancelRelay relay = new CancelRelay(loop, server, certain -> done(certain, request, tries));
    underWay++;
    relay.start();
  }

  private void done(boolean certain, long request, int tries) {
    underWay--;
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
