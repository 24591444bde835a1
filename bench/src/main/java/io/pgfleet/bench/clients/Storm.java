package io.pgfleet.bench.clients;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.client.BlockingClient;
import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.figures.PeerRun;
import io.pgfleet.bench.peer.Peer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Clients all at once on one peer, begun right after its server was killed. */
final class Storm {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration TRY_AGAIN = Duration.ofMillis(20);
  private static final double NANOS = 1e9;
  private static final double MEGABYTE = 1e6;

  private final int clients;
  private final ClientKeys keys;

  Storm(int clients, ClientKeys keys) {
    this.clients = clients;
    this.keys = keys;
  }

  /**
   * Runs it.
   *
   * @param kill takes the server away
   * @param proof where one more client tells when it is back: the server's own port, or the
   *     gateway's where the server moves
   */
  PeerRun run(Peer peer, Runnable kill, int proof, Consumer<String> said)
      throws InterruptedException {
    Map<Figure, List<Double>> figures = new EnumMap<>(Figure.class);
    try (Swarm swarm = Swarm.against(peer.port(), keys);
        BlockingClient before = BlockingClient.open(peer.port(), keys)) {
      // The peer has served somebody before the server goes, as in life.
      before.ask("SELECT 1");
      kill.run();
      long killed = System.nanoTime();
      CompletableFuture<Double> away =
          CompletableFuture.supplyAsync(
              () -> awaitBack(proof, killed), task -> Thread.ofVirtual().start(task));
      double seconds = swarm.open(clients, Integer.MAX_VALUE, PATIENCE);
      said.accept(
          String.format(
              Locale.ROOT,
              "  %,d served after %.1f s, %,d errors",
              swarm.served(),
              seconds,
              swarm.failed()));
      figures.put(Figure.SERVED, List.of((double) swarm.served()));
      figures.put(Figure.ERRORS, List.of((double) swarm.failed()));
      figures.put(Figure.ALL_SERVED, List.of(seconds));
      figures.put(Figure.AWAY, List.of(away.join()));
      peer.memory().ifPresent(bytes -> figures.put(Figure.MEMORY, List.of(bytes / MEGABYTE)));
      return new PeerRun(peer.name(), figures, ManyClients.note(swarm));
    }
  }

  private double awaitBack(int port, long killed) {
    while (System.nanoTime() - killed < PATIENCE.toNanos()) {
      try (BlockingClient client = BlockingClient.open(port, keys)) {
        client.ask("SELECT 1");
        break;
      } catch (BenchException notYet) {
        sleep();
      }
    }
    return (System.nanoTime() - killed) / NANOS;
  }

  private static void sleep() {
    try {
      Thread.sleep(TRY_AGAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
