package io.pgfleet.bench.clients;

import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.figures.PeerRun;
import io.pgfleet.bench.peer.Peer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Clients opened at a pace, left idle, and then partly active, on one peer. */
final class ManyClients {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration REST = Duration.ofSeconds(3);
  private static final double MEGABYTE = 1e6;

  private final ClientsSettings settings;
  private final ClientKeys keys;
  private final Map<Figure, List<Double>> figures = new EnumMap<>(Figure.class);

  ManyClients(ClientsSettings settings, ClientKeys keys) {
    this.settings = settings;
    this.keys = keys;
  }

  PeerRun run(Peer peer, Consumer<String> said) throws InterruptedException {
    warmUp(peer);
    long before = peer.memory().orElse(0);
    put(Figure.MEMORY_BEFORE, before / MEGABYTE);
    try (Swarm swarm = Swarm.against(peer.port(), keys)) {
      double seconds = swarm.open(settings.clients(), settings.perSecond(), PATIENCE);
      put(Figure.SERVED, swarm.served());
      said.accept(
          String.format(
              Locale.ROOT,
              "  %,d served after %.1f s, %,d errors",
              swarm.served(),
              seconds,
              swarm.failed()));
      connectTimes(swarm);
      Thread.sleep(REST);
      long idle = peer.memory().orElse(0);
      put(Figure.MEMORY_IDLE, idle / MEGABYTE);
      put(Figure.BYTES_PER_CLIENT, Math.max(0, idle - before) / (double) settings.clients());
      put(Figure.TPS, swarm.active(settings.active(), settings.time()));
      put(Figure.MEMORY_ACTIVE, peer.memory().orElse(0) / MEGABYTE);
      var answering = swarm.answering();
      if (answering.getTotalCount() > 0) {
        put(Figure.P50, ClientsBenchmark.millis(answering.getValueAtPercentile(50)));
        put(Figure.P99, ClientsBenchmark.millis(answering.getValueAtPercentile(99)));
      }
      put(Figure.ERRORS, swarm.failed());
      return new PeerRun(peer.name(), figures, note(swarm));
    }
  }

  /** A few clients, so that the pool is open and the way there has been gone. */
  private void warmUp(Peer peer) {
    try (Swarm swarm = Swarm.against(peer.port(), keys)) {
      swarm.open(1, 1, PATIENCE);
      swarm.active(1, Duration.ofSeconds(1));
    }
  }

  private void connectTimes(Swarm swarm) {
    var connecting = swarm.connecting();
    if (connecting.getTotalCount() > 0) {
      put(Figure.CONNECT_P50, ClientsBenchmark.millis(connecting.getValueAtPercentile(50)));
      put(Figure.CONNECT_P99, ClientsBenchmark.millis(connecting.getValueAtPercentile(99)));
      put(Figure.CONNECT_MAX, ClientsBenchmark.millis(connecting.getMaxValue()));
    }
  }

  private void put(Figure figure, double value) {
    figures.put(figure, List.of(value));
  }

  static String note(Swarm swarm) {
    return swarm.errors().entrySet().stream()
        .map(error -> String.format(Locale.ROOT, "%,d times: %s", error.getValue(), error.getKey()))
        .collect(Collectors.joining("; "));
  }
}
