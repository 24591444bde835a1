package io.pgfleet.bench.clients;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.MachineFacts;
import io.pgfleet.bench.Target;
import io.pgfleet.bench.client.ClientKeys;
import io.pgfleet.bench.figures.Figure;
import io.pgfleet.bench.figures.MarkdownReport;
import io.pgfleet.bench.figures.PeerRun;
import io.pgfleet.bench.figures.PerformancePage;
import io.pgfleet.bench.figures.Run;
import io.pgfleet.bench.fleet.FleetShape;
import io.pgfleet.bench.fleet.Launcher;
import io.pgfleet.bench.fleet.ScratchFleet;
import io.pgfleet.bench.peer.LoneGateway;
import io.pgfleet.bench.peer.OpenFiles;
import io.pgfleet.bench.peer.Peer;
import io.pgfleet.bench.peer.PeerKind;
import io.pgfleet.bench.peer.PeerSet;
import io.pgfleet.bench.peer.Pooling;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Very many clients on each peer in turn, by one thread of this process. */
public final class ClientsBenchmark {
  /** The group of its results. */
  public static final String GROUP = "clients";

  private static final int SPARE_CLIENTS = 200;
  private static final int SERVER_CONNECTIONS = 300;
  private static final double MOST_MEMORY = 300;
  private static final double MICROS_PER_MILLI = 1000;

  private final Launcher launcher;
  private final LoneGateway lone;
  private final Path within;
  private final ClientsSettings settings;
  private final Optional<PerformancePage> page;
  private final List<String> broken = new ArrayList<>();

  /**
   * A measurement.
   *
   * @param within a folder for its fleets
   * @param page where results are kept
   */
  public ClientsBenchmark(
      Launcher launcher,
      LoneGateway lone,
      Path within,
      ClientsSettings settings,
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
   * @return what pgfleet did not keep: every client served, none with an error, and less than 300
   *     MB of memory
   * @throws BenchException if this process may not open so many files
   */
  public List<String> run(Consumer<String> said) throws InterruptedException {
    OpenFiles.check(settings.most() + SPARE_CLIENTS);
    long opening = settings.clients() / settings.perSecond() + settings.time().toSeconds() + 20L;
    said.accept(
        "%d peers and a failover: about %d seconds, beside the start of the servers"
            .formatted(
                settings.peers().size(),
                settings.peers().size() * (opening + (settings.storm() > 0 ? 30 : 0)) + 60));
    List<String> machine = MachineFacts.lines(within);
    try (ScratchFleet fleet = prepared(1)) {
      Target server = fleet.server(Target.ofUri(fleet.url()), 1);
      Pooling pooling =
          new Pooling(
              server,
              fleet.verifier(server.user(), 1),
              settings.poolSize(),
              settings.most() + SPARE_CLIENTS);
      try (PeerSet peers = PeerSet.start(settings.peers(), fleet, pooling, lone, said)) {
        many(peers.peers(), server, machine, said);
        if (settings.storm() > 0) {
          storms(peers.peers(), fleet, server, machine, said);
        }
      }
    }
    if (settings.storm() > 0 && settings.peers().contains(PeerKind.GATEWAY)) {
      failover(machine, said);
    }
    return List.copyOf(broken);
  }

  private ScratchFleet prepared(int nodes) throws InterruptedException {
    FleetShape shape =
        new FleetShape(
            nodes, settings.poolSize(), settings.most() + SPARE_CLIENTS, SERVER_CONNECTIONS);
    ScratchFleet fleet = ScratchFleet.prepare(launcher, within, shape);
    try {
      fleet.up();
      return fleet;
    } catch (RuntimeException | InterruptedException e) {
      fleet.close();
      throw e;
    }
  }

  private void many(List<Peer> peers, Target server, List<String> machine, Consumer<String> said)
      throws InterruptedException {
    List<PeerRun> runs = new ArrayList<>();
    for (Peer peer : peers) {
      said.accept(
          peer.name()
              + ": "
              + settings.clients()
              + " clients at "
              + settings.perSecond()
              + " a second");
      PeerRun run = new ManyClients(settings, new ClientKeys(server)).run(peer, said);
      runs.add(run);
      judge(run, peer.kind());
    }
    keep(
        "many",
        String.format(
            Locale.ROOT,
            "%,d clients opened at %,d a second, then %,d statements under way",
            settings.clients(),
            settings.perSecond(),
            settings.active()),
        machine,
        runs,
        said);
  }

  private void storms(
      List<Peer> peers,
      ScratchFleet fleet,
      Target server,
      List<String> machine,
      Consumer<String> said)
      throws InterruptedException {
    List<PeerRun> runs = new ArrayList<>();
    for (Peer peer : peers) {
      said.accept(peer.name() + ": " + settings.storm() + " clients at once, the server killed");
      Storm storm = new Storm(settings.storm(), new ClientKeys(server));
      PeerRun run = storm.run(peer, () -> fleet.killServer(1), server.port(), said);
      runs.add(run);
      judge(run, peer.kind());
    }
    keep(
        "storm",
        String.format(
            Locale.ROOT,
            "%,d clients at once, begun right after the server was killed; it starts again",
            settings.storm()),
        machine,
        runs,
        said);
  }

  /** With standbys the primary moves; nobody else here can follow it. */
  private void failover(List<String> machine, Consumer<String> said) throws InterruptedException {
    try (ScratchFleet fleet = prepared(3)) {
      Target gateway = Target.ofUri(fleet.url());
      Peer up = PeerSet.up(fleet);
      int primary = fleet.primary();
      said.accept(
          up.name()
              + ": "
              + settings.storm()
              + " clients at once, primary n"
              + primary
              + " killed");
      Storm storm = new Storm(settings.storm(), new ClientKeys(gateway));
      PeerRun run = storm.run(up, () -> fleet.killServer(primary), gateway.port(), said);
      judge(run, up.kind());
      keep(
          "failover",
          String.format(
              Locale.ROOT,
              "%,d clients at once, begun right after the primary of three nodes was killed",
              settings.storm()),
          machine,
          List.of(run),
          said);
    }
  }

  private void judge(PeerRun run, PeerKind kind) {
    if (kind != PeerKind.GATEWAY && kind != PeerKind.UP) {
      return;
    }
    run.of(Figure.ERRORS)
        .filter(errors -> errors.median() > 0)
        .ifPresent(_ -> broken.add(run.name() + ": " + run.note()));
    if (kind == PeerKind.GATEWAY) {
      for (Figure memory : List.of(Figure.MEMORY_IDLE, Figure.MEMORY_ACTIVE, Figure.MEMORY)) {
        run.of(memory)
            .filter(used -> used.median() >= MOST_MEMORY)
            .ifPresent(used ->
                broken.add(run.name() + ": " + memory.title() + " " + memory.text(used.median())));
      }
    }
  }

  private void keep(
      String load, String title, List<String> machine, List<PeerRun> peers, Consumer<String> said) {
    Run run =
        new Run(
            GROUP,
            load,
            title,
            LocalDate.now(ZoneOffset.UTC).toString(),
            machine,
            String.format(
                Locale.ROOT,
                "Each peer once; %d server connections; the clients are one thread that shares the"
                    + " machine's cores, and each asks SELECT 1 as soon as it is logged in.",
                settings.poolSize()),
            peers);
    said.accept("\n" + MarkdownReport.of(List.of(run)));
    page.ifPresent(kept -> kept.write(List.of(run)));
  }

  /** Microseconds as milliseconds. */
  static double millis(long micros) {
    return micros / MICROS_PER_MILLI;
  }
}
