package io.pgfleet.bench.gateway;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.MachineFacts;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.fleet.Launcher;
import io.pgfleet.bench.fleet.LoopbackPorts;
import io.pgfleet.bench.fleet.ScratchFleet;
import io.pgfleet.bench.gateway.Scores.Score;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * pgbench straight to a server, through PgBouncer and through the gateway, in turn within every
 * round, so that what else the machine does falls on all of them alike. The fleet has one node: it
 * is the way there that is measured, not replication.
 */
public final class GatewayBenchmark {
  private static final String DIRECT = "direct";
  private static final String GATEWAY = "pgfleet";

  private final Launcher launcher;
  private final Path within;
  private final GatewaySettings settings;

  public GatewayBenchmark(Launcher launcher, Path within, GatewaySettings settings) {
    this.launcher = launcher;
    this.within = within;
    this.settings = settings;
  }

  /**
   * Runs it.
   *
   * @throws BenchException if pgbench is missing, or fails
   */
  public void run(Consumer<String> said) throws InterruptedException {
    Path pgbench =
        Programs.find("pgbench")
            .orElseThrow(() ->
                new BenchException(
                    "pgbench is not installed",
                    "Debian: apt-get install postgresql-contrib; macOS: brew install postgresql"));
    Optional<Path> pgbouncer = Programs.find("pgbouncer");
    if (pgbouncer.isEmpty()) {
      said.accept("PgBouncer is not installed, and left out (Debian: apt-get install pgbouncer)");
    }
    List<String> machine = MachineFacts.lines(within);
    try (ScratchFleet fleet = ScratchFleet.prepare(launcher, within, 1, settings.poolSize())) {
      fleet.up();
      Target gateway = Target.ofUri(fleet.url());
      Target direct =
          new Target(
              "127.0.0.1",
              fleet.nodePorts().getFirst(),
              gateway.database(),
              gateway.user(),
              gateway.password());
      List<Route> routes = new ArrayList<>();
      routes.add(new Route(DIRECT, direct.port(), OptionalLong.empty(), true));
      routes.add(new Route(GATEWAY, gateway.port(), OptionalLong.of(fleet.pid()), true));
      said.accept("making pgbench's tables at scale " + settings.scale());
      pgbench(pgbench, direct, direct.port(), "-i", "-q", "-s", "" + settings.scale());
      if (pgbouncer.isPresent()) {
        int port = LoopbackPorts.free(1).getFirst();
        try (PgBouncer peer =
            PgBouncer.start(pgbouncer.get(), direct, port, settings.poolSize(), fleet.folder())) {
          routes.add(1, peer.route());
          measure(pgbench, direct, routes, machine, said);
        }
      } else {
        measure(pgbench, direct, routes, machine, said);
      }
    }
  }

  private void measure(
      Path pgbench, Target server, List<Route> routes, List<String> machine, Consumer<String> said)
      throws InterruptedException {
    List<String> report = new ArrayList<>(machine);
    report.add(
        String.format(
            Locale.ROOT,
            "pgbench: %d clients, %d threads, %d s, scale %d; %d server connections; %d rounds",
            settings.clients(),
            settings.threads(),
            settings.seconds().toSeconds(),
            settings.scale(),
            settings.poolSize(),
            settings.rounds()));
    for (Load load : Load.values()) {
      Scores scores = new Scores();
      List<Route> order = new ArrayList<>(routes.stream().filter(r -> r.carries(load)).toList());
      routes.stream()
          .filter(route -> !route.carries(load))
          .forEach(route -> scores.failed(route.name(), "does not keep prepared statements"));
      for (int round = 1; round <= settings.rounds(); round++) {
        for (Route route : order) {
          said.accept(load.title() + ", round " + round + ": " + route.name());
          round(pgbench, server, load, route, scores);
        }
        // Nobody is always the first, or after the same other.
        Collections.rotate(order, 1);
      }
      report.add("");
      report.addAll(scores.table(load.title()));
      report.addAll(ratios(scores, routes));
    }
    report.forEach(said);
  }

  private void round(Path pgbench, Target server, Load load, Route route, Scores scores)
      throws InterruptedException {
    List<String> options = new ArrayList<>(load.options());
    options.addAll(List.of("-n", "-c", "" + settings.clients(), "-j", "" + settings.threads()));
    options.addAll(List.of("-T", "" + settings.seconds().toSeconds()));
    Optional<Duration> before = processor(route);
    try {
      PgbenchResult result =
          PgbenchResult.parse(
              pgbench(pgbench, server, route.port(), options.toArray(String[]::new)));
      Optional<Duration> used =
          before.flatMap(start -> processor(route).map(now -> now.minus(start)));
      scores.add(route.name(), new Score(result, used));
    } catch (BenchException e) {
      scores.failed(route.name(), "failed: " + e.getMessage());
    }
  }

  private static Optional<Duration> processor(Route route) {
    return route.pid().isPresent() ? ProcessTime.of(route.pid().getAsLong()) : Optional.empty();
  }

  private static List<String> ratios(Scores scores, List<Route> routes) {
    List<String> lines = new ArrayList<>();
    for (Route against : routes) {
      if (!against.name().equals(GATEWAY)) {
        scores
            .ratio(GATEWAY, against.name())
            .ifPresent(ratio ->
                lines.add(
                    String.format(
                        Locale.ROOT,
                        "  %s does %.2f of %s (median of %d rounds, %.2f to %.2f)",
                        GATEWAY,
                        ratio.median(),
                        against.name(),
                        ratio.count(),
                        ratio.minimum(),
                        ratio.maximum())));
      }
    }
    return lines;
  }

  private static String pgbench(Path program, Target server, int port, String... options)
      throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of("-h", server.host(), "-p", "" + port, "-U", server.user()));
    command.addAll(List.of(options));
    command.add(server.database());
    return Programs.run(command, Map.of("PGPASSWORD", server.password()));
  }
}
