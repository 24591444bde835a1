package io.pgfleet.bench.engine;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.MachineFacts;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.figures.MarkdownReport;
import io.pgfleet.bench.figures.PeerRun;
import io.pgfleet.bench.figures.PerformancePage;
import io.pgfleet.bench.figures.Run;
import io.pgfleet.bench.fleet.FleetShape;
import io.pgfleet.bench.fleet.Launcher;
import io.pgfleet.bench.fleet.ScratchFleet;
import io.pgfleet.bench.gateway.SelectOnly;
import io.pgfleet.bench.peer.Certificate;
import io.pgfleet.bench.peer.LoneGateway;
import io.pgfleet.bench.peer.Peer;
import io.pgfleet.bench.peer.PeerKind;
import io.pgfleet.bench.peer.PeerSet;
import io.pgfleet.bench.peer.Pooling;
import io.pgfleet.bench.peer.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The same small forwarder on several I/O engines, beside no forwarder and PgBouncer, in turn. */
public final class EngineBenchmark {
  /** The group of its results. */
  public static final String GROUP = "engine";

  private static final int SERVER_CONNECTIONS = 500;
  private static final Duration BESIDE = Duration.ofMillis(700);
  private static final Duration COUNTING = Duration.ofSeconds(2);

  private final Launcher launcher;
  private final LoneGateway lone;
  private final Path library;
  private final Path within;
  private final EngineSettings settings;
  private final Optional<PerformancePage> page;

  /**
   * A measurement.
   *
   * @param library the folder of the forwarders' jars
   * @param within a folder for its fleet
   * @param page where results are kept, load by load as they come
   */
  public EngineBenchmark(
      Launcher launcher,
      LoneGateway lone,
      Path library,
      Path within,
      EngineSettings settings,
      Optional<PerformancePage> page) {
    this.launcher = launcher;
    this.lone = lone;
    this.library = library;
    this.within = within;
    this.settings = settings;
    this.page = page;
  }

  /**
   * Runs it.
   *
   * @throws BenchException if pgbench or openssl is missing
   */
  public void run(Consumer<String> said) throws InterruptedException {
    List<String> machine = MachineFacts.lines(within);
    FleetShape shape = new FleetShape(1, settings.poolSize(), 1000, SERVER_CONNECTIONS);
    try (ScratchFleet fleet = ScratchFleet.prepare(launcher, within, shape)) {
      fleet.up();
      Target server = fleet.server(Target.ofUri(fleet.url()), 1);
      SelectOnly select =
          SelectOnly.prepare(server, settings.threads(), settings.scale(), fleet.folder());
      Certificate certificate =
          Certificate.make(fleet.folder())
              .orElseThrow(() ->
                  new BenchException(
                      "openssl is not installed", "Debian: apt-get install openssl"));
      Pooling pooling =
          new Pooling(server, fleet.verifier(server.user(), 1), settings.poolSize(), 1000);
      List<PeerKind> known = List.of(PeerKind.DIRECT, PeerKind.PGBOUNCER, PeerKind.GATEWAY);
      try (PeerSet others = PeerSet.start(known, fleet, pooling, lone, said);
          Forwarders forwarders =
              Forwarders.start(
                  library, server, settings.poolSize(), certificate, fleet.folder(), said)) {
        List<Peer> peers = new ArrayList<>(others.peers());
        peers.addAll(forwarders.peers());
        said.accept(
            "%d peers, 4 loads, %d rounds: about %d minutes"
                .formatted(
                    peers.size(), settings.rounds(), expected(peers.size()).toMinutes() + 1));
        for (boolean tls : new boolean[] {false, true}) {
          for (int clients : settings.clients()) {
            keep(measure(select, peers, clients, tls, machine, said), said);
          }
        }
      }
    }
  }

  private Duration expected(int peers) {
    Duration each =
        settings
            .seconds()
            .plus(BESIDE)
            .multipliedBy(settings.rounds() + 1L)
            .plus(COUNTING.multipliedBy(2));
    return each.multipliedBy(2L * peers * settings.clients().size());
  }

  private void keep(Run run, Consumer<String> said) {
    said.accept("\n" + MarkdownReport.of(List.of(run)));
    page.ifPresent(kept -> kept.write(List.of(run)));
  }

  private Run measure(
      SelectOnly select,
      List<Peer> peers,
      int clients,
      boolean tls,
      List<String> machine,
      Consumer<String> said)
      throws InterruptedException {
    List<PeerRun> runs =
        select.rounds(peers, clients, tls, settings.rounds(), settings.seconds(), said);
    List<PeerRun> counted = new ArrayList<>();
    for (int i = 0; i < peers.size(); i++) {
      PeerRun run = runs.get(i);
      counted.add(
          run.figures().isEmpty() ? run : withCalls(select, run, peers.get(i), clients, tls));
    }
    return new Run(
        GROUP,
        (tls ? "tls-" : "plain-") + clients,
        "select, simple protocol, " + clients + " clients" + (tls ? ", TLS" : ", no TLS"),
        LocalDate.now(ZoneOffset.UTC).toString(),
        machine,
        String.format(
            Locale.ROOT,
            "%d rounds of %d s after a warm-up of one; pgbench with %d threads, scale %d; %d server"
                + " connections for each.",
            settings.rounds(),
            settings.seconds().toSeconds(),
            settings.threads(),
            settings.scale(),
            settings.poolSize()),
        counted);
  }

  /** Once more, uncounted but for the system calls: counting them costs a little. */
  private PeerRun withCalls(SelectOnly select, PeerRun run, Peer peer, int clients, boolean tls)
      throws InterruptedException {
    Optional<Path> perf = Programs.find("perf");
    if (perf.isEmpty() || peer.processes().size() != 1) {
      return run;
    }
    long pid = peer.processes().getFirst().pid();
    CompletableFuture<Double> rate =
        CompletableFuture.supplyAsync(
            () -> select.rate(peer, clients, tls, COUNTING.multipliedBy(2)),
            task -> Thread.ofVirtual().start(task));
    // pgbench first connects its clients; what is counted lies within its run.
    Thread.sleep(COUNTING.dividedBy(2));
    OptionalLong calls = new SystemCalls(perf.get()).of(pid, COUNTING);
    double transactions = rate.join() * COUNTING.toSeconds();
    if (calls.isEmpty() || transactions == 0) {
      return run;
    }
    Map<Figure, List<Double>> figures = new EnumMap<>(run.figures());
    figures.put(Figure.SYSTEM_CALLS, List.of(calls.getAsLong() / transactions));
    return new PeerRun(run.name(), figures, run.note());
  }
}
