package io.pgfleet.gateway;

import java.nio.channels.SelectionKey;

/** Reads on from a client unless its bytes would pile up here. */
final class Intake {
  private static final int HELD_PER_CLIENT = 64 << 10;

  private final ClientLink client;
  private int accounted;

  Intake(ClientLink client) {
    this.client = client;
  }

  /** Looks again, now that so many bytes of the client are kept. */
  void allow(int held) {
    client.loop.held(held - accounted);
    accounted = held;
    if (client.closed) {
      return;
    }
    ServerLink taker = client.server();
    boolean waits = client.waits || client.requests.stalled();
    boolean blocked =
        !client.outbox().isEmpty()
            || (taker != null && !taker.outbox().isEmpty())
            || client.suspended()
            || (client.admin != null && held >= HELD_PER_CLIENT)
            || (waits && held >= HELD_PER_CLIENT)
            || (taker == null
                && held > 0
                && client.loggedIn
                && client.admin == null
                && client.loop.isCrowded());
    client.plug.want(SelectionKey.OP_READ, !blocked);
  }
}
