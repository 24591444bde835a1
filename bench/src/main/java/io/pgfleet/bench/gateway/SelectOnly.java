package io.pgfleet.bench.gateway;

import io.pgfleet.bench.Target;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.figures.PeerRun;
import io.pgfleet.bench.peer.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** pgbench's select-only load, for other comparisons than the gateway's. */
public final class SelectOnly {
  private static final double SOME = 0.1;

  private final Pgbench pgbench;

  private SelectOnly(Pgbench pgbench) {
    this.pgbench = pgbench;
  }

  /** Makes pgbench's tables on a server. */
  public static SelectOnly prepare(Target server, int threads, int scale, Path folder)
      throws InterruptedException {
    Path program =
        Pgbench.program(
            "Debian: apt-get install postgresql-contrib; macOS: brew install postgresql");
    Pgbench pgbench = new Pgbench(program, server, threads, folder);
    pgbench.prepare(scale);
    return new SelectOnly(pgbench);
  }

  private PgbenchLoad load(int clients, boolean tls) {
    List<String> options = new ArrayList<>(List.of("-S", "-M", "simple"));
    if (tls) {
      options.add(Pgbench.TLS);
    }
    String id = (tls ? "tls-" : "plain-") + clients;
    return new PgbenchLoad(id, id, options, clients, SOME, pgbench);
  }

  /** All peers in turn, after one uncounted run of each. */
  public List<PeerRun> rounds(
      List<Peer> peers,
      int clients,
      boolean tls,
      int count,
      Duration seconds,
      Consumer<String> said)
      throws InterruptedException {
    Rounds rounds = new Rounds(load(clients, tls), peers, seconds, seconds);
    rounds.warmUp(said);
    for (int round = 1; round <= count; round++) {
      rounds.one(round, count, said);
    }
    return rounds.result();
  }

  /** One run on one peer; its transactions a second. */
  public double rate(Peer peer, int clients, boolean tls, Duration time) {
    try {
      return load(clients, tls).run(peer, time).figures().getOrDefault(Figure.TPS, 0.0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }
}
