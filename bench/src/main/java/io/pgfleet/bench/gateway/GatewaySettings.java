package io.pgfleet.bench.gateway;

import io.pgfleet.bench.peer.PeerKind;
import java.time.Duration;
import java.util.List;

/**
 * How the comparison is run.
 *
 * @param clients numbers of clients, each of which pgbench's loads are run with
 * @param threads of pgbench
 * @param seconds of each run
 * @param warmUp of each peer under each load before its first round; nothing of it is counted
 * @param scale of pgbench's tables: 100,000 accounts each
 * @param poolSize server connections of each peer that pools
 * @param only names of loads; empty for all
 */
public record GatewaySettings(
    int rounds,
    List<Integer> clients,
    int threads,
    Duration seconds,
    Duration warmUp,
    int scale,
    int poolSize,
    List<String> only,
    List<PeerKind> peers) {
  private static final int MOST_CLIENTS = 200;

  public GatewaySettings {
    clients = List.copyOf(clients);
    only = List.copyOf(only);
    peers = List.copyOf(peers);
    if (rounds < 1 || threads < 1 || scale < 1 || poolSize < 1) {
      throw new IllegalArgumentException("rounds, threads, scale and pool size are at least 1");
    }
    if (clients.isEmpty() || clients.stream().anyMatch(c -> c < 1 || c > MOST_CLIENTS)) {
      throw new IllegalArgumentException("numbers of clients are from 1 to " + MOST_CLIENTS);
    }
    if (seconds.toSeconds() < 1 || warmUp.toSeconds() < 1) {
      throw new IllegalArgumentException("a run and a warm-up take at least a second");
    }
    if (peers.isEmpty()) {
      throw new IllegalArgumentException("at least one peer");
    }
  }

  /** What a run takes beside its seconds: pgbench's start, its log, a change of peer. */
  private static final Duration BESIDE = Duration.ofMillis(700);

  /** About how long so many loads take. */
  Duration expected(int loads) {
    Duration peer = warmUp.plus(BESIDE).plus(seconds.plus(BESIDE).multipliedBy(rounds));
    return peer.multipliedBy((long) loads * peers.size());
  }
}
