package io.pgfleet.bench.gateway;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.MachineFacts;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.figures.MarkdownReport;
import io.pgfleet.bench.figures.PerformancePage;
import io.pgfleet.bench.figures.Run;
import io.pgfleet.bench.fleet.FleetShape;
import io.pgfleet.bench.fleet.Launcher;
import io.pgfleet.bench.fleet.ScratchFleet;
import io.pgfleet.bench.peer.LoneGateway;
import io.pgfleet.bench.peer.PeerSet;
import io.pgfleet.bench.peer.Pooling;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The same loads straight to a server and through each peer, in turn within every round, so that
 * what else the machine does falls on all of them alike. The fleet has one node: it is the way
 * there that is measured, not replication.
 */
public final class GatewayBenchmark {
  /** The group of its results. */
  public static final String GROUP = "gateway";

  /** All peers may hold their server connections at once, and Pgpool-II one for each client. */
  private static final int SERVER_CONNECTIONS = 600;

  private static final int CLIENTS = 1000;

  private final Launcher launcher;
  private final LoneGateway lone;
  private final Path within;
  private final GatewaySettings settings;
  private final Optional<PerformancePage> page;

  /**
   * A comparison.
   *
   * @param within a folder for its fleet
   * @param page where results are kept, load by load as they come
   */
  public GatewayBenchmark(
      Launcher launcher,
      LoneGateway lone,
      Path within,
      GatewaySettings settings,
      Optional<PerformancePage> page) {
    this.launcher = launcher;
    this.lone = lone;
    this.within = within;
    this.settings = settings;
    this.page = page;
  }

  /**
   * Runs it.
   *
   * @throws BenchException if pgbench is missing, or the fleet does not start
   * @throws IllegalArgumentException for a load that is none
   */
  public void run(Consumer<String> said) throws InterruptedException {
    Path program =
        Pgbench.program(
            "Debian: apt-get install postgresql-contrib; macOS: brew install postgresql");
    // Names are checked before anything starts.
    Target nobody = new Target("127.0.0.1", 1, "bench", "bench", "");
    Pgbench unused = new Pgbench(program, nobody, 1, within);
    int count =
        Loads.chosen(Loads.all(settings, unused, new ClientKeys(nobody)), settings.only()).size();
    Duration expected = settings.expected(count);
    said.accept(
        "%d loads, %d peers, %d rounds: about %d minutes, beside the start of the servers"
            .formatted(
                count, settings.peers().size(), settings.rounds(), expected.toMinutes() + 1));
    List<String> machine = MachineFacts.lines(within);
    FleetShape shape = new FleetShape(1, settings.poolSize(), CLIENTS, SERVER_CONNECTIONS);
    try (ScratchFleet fleet = ScratchFleet.prepare(launcher, within, shape)) {
      fleet.up();
      Target server = fleet.server(Target.ofUri(fleet.url()), 1);
      Pgbench pgbench = new Pgbench(program, server, settings.threads(), fleet.folder());
      ClientKeys keys = new ClientKeys(server);
      said.accept("making pgbench's tables at scale " + settings.scale());
      pgbench.prepare(settings.scale());
      TransferLoad.prepare(keys, server.port());
      Pooling pooling =
          new Pooling(server, fleet.verifier(server.user(), 1), settings.poolSize(), CLIENTS);
      List<Load> loads = Loads.chosen(Loads.all(settings, pgbench, keys), settings.only());
      try (PeerSet peers = PeerSet.start(settings.peers(), fleet, pooling, lone, said)) {
        warmLogins(Loads.connect(settings, pgbench), peers, said);
        for (Load load : loads) {
          Run run = run(load, peers, machine, said);
          said.accept("\n" + MarkdownReport.of(List.of(run)));
          page.ifPresent(kept -> kept.write(List.of(run)));
        }
      }
    }
  }

  /** Each round begins with so few logins that a JVM would never come to compile what they run. */
  private void warmLogins(Load connect, PeerSet peers, Consumer<String> said)
      throws InterruptedException {
    new Rounds(connect, peers.peers(), settings.warmUp(), settings.seconds()).warmUp(said);
  }

  private Run run(Load load, PeerSet peers, List<String> machine, Consumer<String> said)
      throws InterruptedException {
    Rounds rounds = new Rounds(load, peers.peers(), settings.warmUp(), settings.seconds());
    rounds.warmUp(said);
    for (int round = 1; round <= settings.rounds(); round++) {
      rounds.one(round, settings.rounds(), said);
    }
    return new Run(
        GROUP,
        load.id(),
        load.title(),
        LocalDate.now(java.time.ZoneOffset.UTC).toString(),
        machine,
        words(),
        rounds.result());
  }

  private String words() {
    return String.format(
        Locale.ROOT,
        "%d rounds of %d s after %d s of warm-up; pgbench with %d threads, scale %d; %d server"
            + " connections for each pool; TCP on 127.0.0.1, SCRAM on both sides.",
        settings.rounds(),
        settings.seconds().toSeconds(),
        settings.warmUp().toSeconds(),
        settings.threads(),
        settings.scale(),
        settings.poolSize());
  }
}
