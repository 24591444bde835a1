package io.pgfleet.bench.clients;

import io.pgfleet.bench.peer.PeerKind;
import java.time.Duration;
import java.util.List;

/**
 * How many clients do what.
 *
 * @param clients opened one after another
 * @param perSecond how many of them are opened in a second
 * @param active how many have a statement under way at any moment of the active part
 * @param time of the active part
 * @param storm clients at once while the server is away; 0 for no storm
 * @param poolSize server connections of each peer
 */
public record ClientsSettings(
    int clients,
    int perSecond,
    int active,
    Duration time,
    int storm,
    int poolSize,
    List<PeerKind> peers) {
  public ClientsSettings {
    peers = List.copyOf(peers);
    if (clients < 1 || perSecond < 1 || active < 1 || storm < 0 || poolSize < 1) {
      throw new IllegalArgumentException("numbers of clients and connections are at least 1");
    }
    if (active > clients) {
      throw new IllegalArgumentException(
          "of " + clients + " clients, " + active + " can't be active");
    }
    if (time.toSeconds() < 1) {
      throw new IllegalArgumentException("the active part takes at least a second");
    }
  }

  /** The most clients at any moment. */
  int most() {
    return Math.max(clients, storm);
  }
}
