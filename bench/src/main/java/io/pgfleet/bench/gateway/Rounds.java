package io.pgfleet.bench.gateway;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.figures.PeerRun;
import io.pgfleet.bench.peer.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One load on all peers in turn, round after round. */
final class Rounds {
  private static final double MILLIS = 1000;
  private static final double MEGABYTE = 1e6;

  private final Load load;
  private final List<Peer> peers;
  private final List<Peer> order = new ArrayList<>();
  private final Duration warmUp;
  private final Duration time;
  private final Map<Peer, Map<Figure, List<Double>>> figures = new LinkedHashMap<>();
  private final Map<Peer, String> notes = new LinkedHashMap<>();

  Rounds(Load load, List<Peer> peers, Duration warmUp, Duration time) {
    this.load = load;
    this.peers = List.copyOf(peers);
    this.warmUp = warmUp;
    this.time = time;
    for (Peer peer : peers) {
      Optional<String> refused = load.refused(peer);
      if (refused.isPresent()) {
        notes.put(peer, refused.get());
      } else {
        order.add(peer);
      }
    }
  }

  /** Each once, uncounted: a JVM compiles what it runs, and caches fill. */
  void warmUp(Consumer<String> said) throws InterruptedException {
    for (Peer peer : List.copyOf(order)) {
      said.accept(load.id() + ", warm-up: " + peer.name());
      try {
        load.run(peer, warmUp);
      } catch (BenchException e) {
        // A cold JVM may not get anything done in so short a time; its rounds decide.
        said.accept(load.id() + ", warm-up: " + peer.name() + ": " + e.getMessage());
      }
    }
  }

  /** One round. The order changes, so that nobody is always the first, or after the same other. */
  void one(int round, int of, Consumer<String> said) throws InterruptedException {
    for (Peer peer : List.copyOf(order)) {
      Optional<Duration> before = peer.processor();
      try {
        Load.Done done = load.run(peer, time);
        Optional<Duration> used =
            before.flatMap(start -> peer.processor().map(now -> now.minus(start)));
        add(peer, done, used);
        said.accept(load.id() + ", round " + round + " of " + of + ": " + line(peer, done));
      } catch (BenchException e) {
        failed(peer, e);
        said.accept(load.id() + ": " + peer.name() + " " + notes.get(peer));
      }
    }
    Collections.rotate(order, 1);
  }

  private static String line(Peer peer, Load.Done done) {
    StringBuilder text = new StringBuilder(peer.name());
    done.figures()
        .forEach((figure, value) ->
            text.append("; ").append(figure.title()).append(' ').append(figure.text(value)));
    return text.toString();
  }

  /** A failure ends the peer's part in this load: its rounds would no longer fit the others'. */
  private void failed(Peer peer, BenchException e) {
    order.remove(peer);
    figures.remove(peer);
    notes.put(peer, "failed: " + e.getMessage());
  }

  private void add(Peer peer, Load.Done done, Optional<Duration> used) {
    Map<Figure, List<Double>> all = figures.computeIfAbsent(peer, _ -> new EnumMap<>(Figure.class));
    done.figures().forEach((figure, value) -> put(all, figure, value));
    if (done.amount() > 0) {
      used.ifPresent(time ->
          put(all, done.cost(), time.toMillis() / MILLIS / done.amount() * done.unitsPerCost()));
    }
    peer.memory().ifPresent(bytes -> put(all, Figure.MEMORY, bytes / MEGABYTE));
  }

  private static void put(Map<Figure, List<Double>> all, Figure figure, double value) {
    all.computeIfAbsent(figure, _ -> new ArrayList<>()).add(value);
  }

  /** What each did, in the order in which the peers were given. */
  List<PeerRun> result() {
    return peers.stream()
        .map(peer ->
            new PeerRun(
                peer.name(), figures.getOrDefault(peer, Map.of()), notes.getOrDefault(peer, "")))
        .toList();
  }
}
