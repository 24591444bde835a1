package io.pgfleet.bench.reads;

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
import io.pgfleet.bench.peer.LoneGateway;
import io.pgfleet.bench.peer.Peer;
import io.pgfleet.bench.peer.PeerKind;
import io.pgfleet.bench.peer.PeerSet;
import io.pgfleet.bench.peer.Pooling;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A read-only mix on a primary and two standbys: through the gateway of {@code up}, which may send
 * it to standbys, and through a gateway that knows the primary alone.
 */
public final class ReadsBenchmark {
  /** The group of its results. */
  public static final String GROUP = "reads";

  private static final int NODES = 3;
  private static final int CLIENTS = 1000;
  private static final int SERVER_CONNECTIONS = 100;
  private static final double MOST_ON_PRIMARY = 10;
  private static final double PERCENT = 100;

  /**
   * A backend that has become idle tells of its last transactions after ten seconds (PostgreSQL's
   * PGSTAT_IDLE_INTERVAL); asked sooner, those of the rounds before would be counted as well.
   */
  private static final Duration COUNTERS_SETTLE = Duration.ofSeconds(11);

  private final Launcher launcher;
  private final LoneGateway lone;
  private final Path within;
  private final ReadsSettings settings;
  private final Optional<PerformancePage> page;

  /**
   * A measurement.
   *
   * @param within a folder for its fleet
   * @param page where results are kept
   */
  public ReadsBenchmark(
      Launcher launcher,
      LoneGateway lone,
      Path within,
      ReadsSettings settings,
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
   * @return whether less than a tenth of the statements ran on the primary
   */
  public boolean run(Consumer<String> said) throws InterruptedException {
    said.accept(
        "2 ways, %d rounds: about %d seconds, beside the start of the servers"
            .formatted(
                settings.rounds(),
                2L * (settings.rounds() + 2) * (settings.seconds().toSeconds() + 1) + 10));
    List<String> machine = MachineFacts.lines(within);
    FleetShape shape = new FleetShape(NODES, settings.poolSize(), CLIENTS, SERVER_CONNECTIONS);
    try (ScratchFleet fleet = ScratchFleet.prepare(launcher, within, shape)) {
      fleet.up();
      int primary = fleet.primary();
      Target server = fleet.server(Target.ofUri(fleet.url()), primary);
      SelectOnly select = SelectOnly.prepare(server, 2, settings.scale(), fleet.folder());
      Pooling pooling =
          new Pooling(server, fleet.verifier(server.user(), primary), settings.poolSize(), CLIENTS);
      try (PeerSet alone = PeerSet.start(List.of(PeerKind.GATEWAY), fleet, pooling, lone, said)) {
        Peer up = PeerSet.up(fleet);
        List<Peer> peers = new ArrayList<>(alone.peers());
        peers.add(up);
        List<PeerRun> runs =
            select.rounds(
                peers, settings.clients(), false, settings.rounds(), settings.seconds(), said);
        double share = share(fleet, select, up, primary, said);
        keep(
            List.of(
                named(runs.getFirst(), "primary only", PERCENT),
                named(runs.getLast(), "primary and two standbys", share)),
            machine,
            said);
        return share < MOST_ON_PRIMARY;
      }
    }
  }

  /** How many percent of the transactions ran on the primary, by the servers' own counters. */
  private double share(
      ScratchFleet fleet, SelectOnly select, Peer up, int primary, Consumer<String> said)
      throws InterruptedException {
    Thread.sleep(COUNTERS_SETTLE);
    List<Long> before = committed(fleet);
    select.rate(up, settings.clients(), false, settings.seconds());
    Thread.sleep(COUNTERS_SETTLE);
    List<Long> after = committed(fleet);
    long all = 0;
    long there = 0;
    for (int node = 1; node <= NODES; node++) {
      long done = after.get(node - 1) - before.get(node - 1);
      said.accept(
          "n" + node + ": " + done + " transactions" + (node == primary ? ", primary" : ""));
      all += done;
      there += node == primary ? done : 0;
    }
    if (all == 0) {
      throw new BenchException("the servers have counted no transaction", "measure for longer");
    }
    return PERCENT * there / all;
  }

  private static List<Long> committed(ScratchFleet fleet) {
    List<Long> counts = new ArrayList<>();
    for (int node = 1; node <= NODES; node++) {
      try (Connection connection = fleet.superuser(node).connect();
          PreparedStatement query =
              connection.prepareStatement(
                  "SELECT xact_commit FROM pg_stat_database WHERE datname = 'bench'");
          ResultSet rows = query.executeQuery()) {
        rows.next();
        counts.add(rows.getLong(1));
      } catch (SQLException e) {
        throw new BenchException("can't ask node n" + node + ": " + e.getMessage(), "");
      }
    }
    return counts;
  }

  private static PeerRun named(PeerRun run, String name, double share) {
    Map<Figure, List<Double>> figures = new EnumMap<>(run.figures());
    figures.put(Figure.PRIMARY_SHARE, List.of(share));
    // What the machine's other processes cost is not to be told apart here.
    figures.remove(Figure.CPU);
    figures.remove(Figure.MEMORY);
    return new PeerRun(name, figures, run.note());
  }

  private void keep(List<PeerRun> peers, List<String> machine, Consumer<String> said) {
    Run run =
        new Run(
            GROUP,
            "select",
            "select, simple protocol, " + settings.clients() + " clients, three servers",
            LocalDate.now(ZoneOffset.UTC).toString(),
            machine,
            String.format(
                Locale.ROOT,
                "%d rounds of %d s; pgbench -S, scale %d; %d server connections for each pool. All"
                    + " servers share the cores, so that a second one adds none.",
                settings.rounds(),
                settings.seconds().toSeconds(),
                settings.scale(),
                settings.poolSize()),
            peers);
    said.accept("\n" + MarkdownReport.of(List.of(run)));
    page.ifPresent(kept -> kept.write(List.of(run)));
  }
}
