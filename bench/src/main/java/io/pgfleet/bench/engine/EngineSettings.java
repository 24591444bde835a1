package io.pgfleet.bench.engine;

import java.time.Duration;
import java.util.List;

/**
 * How engines are compared.
 *
 * @param clients numbers of clients, each of which the loads are run with
 * @param threads of pgbench
 * @param seconds of each run
 * @param scale of pgbench's tables
 * @param poolSize server connections of each
 */
public record EngineSettings(
    int rounds, List<Integer> clients, int threads, Duration seconds, int scale, int poolSize) {
  public EngineSettings {
    clients = List.copyOf(clients);
    if (rounds < 1 || threads < 1 || scale < 1 || poolSize < 2 || seconds.toSeconds() < 1) {
      throw new IllegalArgumentException(
          "rounds, threads, scale and seconds are at least 1, the pool size 2");
    }
    if (clients.isEmpty() || clients.stream().anyMatch(count -> count < 1 || count > 200)) {
      throw new IllegalArgumentException("numbers of clients are from 1 to 200");
    }
  }
}
