package io.pgfleet.bench.gateway;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.peer.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A run of pgbench.
 *
 * @param options those that make the load
 * @param sampling which part of the transactions is logged for the quantiles; writing them down
 *     costs the machine, and the quantiles need a few thousand
 */
record PgbenchLoad(
    String id, String title, List<String> options, int clients, double sampling, Pgbench pgbench)
    implements Load {
  private static final double HUNDRED_THOUSAND = 100_000;
  private static final double MICROS = 1000;

  PgbenchLoad {
    options = List.copyOf(options);
  }

  private boolean prepared() {
    return options.contains("prepared");
  }

  private boolean tls() {
    return options.contains(Pgbench.TLS);
  }

  private boolean connects() {
    return options.contains("-C");
  }

  @Override
  public Optional<String> refused(Peer peer) {
    if (prepared() && !peer.prepared()) {
      return Optional.of("does not keep prepared statements");
    }
    return tls() && !peer.tls() ? Optional.of("takes no TLS here") : Optional.empty();
  }

  @Override
  public Done run(Peer peer, Duration time) throws InterruptedException {
    List<String> arguments = new ArrayList<>(options);
    arguments.remove(Pgbench.TLS);
    arguments.addAll(List.of("-n", "-c", "" + clients));
    // A thread needs a client of its own.
    arguments.addAll(List.of("-j", "" + Math.min(pgbench.threads(), clients)));
    arguments.addAll(List.of("-T", "" + time.toSeconds()));
    Path log = pgbench.folder().resolve("transactions");
    arguments.addAll(List.of("-l", "--log-prefix=" + log));
    if (sampling < 1) {
      arguments.add(String.format(Locale.ROOT, "--sampling-rate=%.3f", sampling));
    }
    try {
      PgbenchResult result =
          PgbenchResult.parse(pgbench.run(peer.port(), tls() ? "require" : "disable", arguments));
      return new Done(figures(result), result.transactions(), Figure.CPU, HUNDRED_THOUSAND);
    } finally {
      deleteLogs();
    }
  }

  private Map<Figure, Double> figures(PgbenchResult result) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.TPS, result.tps());
    if (connects()) {
      // pgbench's times of transactions leave connecting out; the mean has it.
      figures.put(Figure.MEAN, result.latencyMillis());
    } else {
      int[] micros = logs().stream().flatMapToInt(PgbenchLog::micros).sorted().toArray();
      if (micros.length > 0) {
        figures.put(Figure.P50, PgbenchLog.quantile(micros, 0.5) / MICROS);
        figures.put(Figure.P99, PgbenchLog.quantile(micros, 0.99) / MICROS);
      }
    }
    return figures;
  }

  private List<Path> logs() {
    try (Stream<Path> files = Files.list(pgbench.folder())) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith("transactions."))
          .toList();
    } catch (IOException e) {
      throw new BenchException("pgbench's logs can't be read: " + e.getMessage(), "");
    }
  }

  private void deleteLogs() {
    for (Path file : logs()) {
      try {
        Files.delete(file);
      } catch (IOException e) {
        throw new BenchException("can't delete " + file + ": " + e.getMessage(), "");
      }
    }
  }
}
