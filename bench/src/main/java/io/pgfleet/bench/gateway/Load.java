package io.pgfleet.bench.gateway;

import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.peer.Peer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Something that clients do to a server, through a peer. */
sealed interface Load permits PgbenchLoad, TransferLoad {
  /** Its name on the command line. */
  String id();

  /** What it is, for a reader. */
  String title();

  /** Why a peer can't carry it; empty if it can. */
  Optional<String> refused(Peer peer);

  /**
   * Does it for a while.
   *
   * @return what the clients saw; what the peer used is measured by the caller
   */
  Done run(Peer peer, Duration time) throws InterruptedException;

  /**
   * What was done.
   *
   * @param amount of work, in units of which the cost is told
   * @param cost how the processor time of so much is called
   * @param unitsPerCost how many units that is
   */
  record Done(Map<Figure, Double> figures, double amount, Figure cost, double unitsPerCost) {}
}
