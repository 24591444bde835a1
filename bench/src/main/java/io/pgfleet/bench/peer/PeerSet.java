package io.pgfleet.bench.peer;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.fleet.LoopbackPorts;
import io.pgfleet.bench.fleet.ScratchFleet;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The chosen peers before the first server of one fleet, all running at once. */
public final class PeerSet implements AutoCloseable {
  private final ScratchFleet fleet;
  private final Pooling pooling;
  private final Consumer<String> said;
  private final Optional<Certificate> certificate;
  private final Deque<Daemon> daemons = new ArrayDeque<>();
  private final List<Peer> peers = new ArrayList<>();
  private Optional<Peer> pgbouncer = Optional.empty();

  private PeerSet(
      ScratchFleet fleet,
      Pooling pooling,
      Optional<Certificate> certificate,
      Consumer<String> said) {
    this.fleet = fleet;
    this.pooling = pooling;
    this.certificate = certificate;
    this.said = said;
  }

  /**
   * Starts them. One whose program is not installed is left out, and that is said.
   *
   * @param lone how to start the gateway as a process of its own
   * @param said gets a sentence for each that is left out
   */
  public static PeerSet start(
      List<PeerKind> wanted,
      ScratchFleet fleet,
      Pooling pooling,
      LoneGateway lone,
      Consumer<String> said)
      throws InterruptedException {
    PeerSet set = new PeerSet(fleet, pooling, Certificate.make(fleet.folder()), said);
    try {
      for (PeerKind kind : wanted) {
        set.add(kind, lone);
      }
      return set;
    } catch (RuntimeException | InterruptedException e) {
      set.close();
      throw e;
    }
  }

  private void add(PeerKind kind, LoneGateway lone) throws InterruptedException {
    switch (kind) {
      case DIRECT ->
          peers.add(new Peer(kind, "direct", pooling.server().port(), List.of(), true, false));
      case PGBOUNCER -> pgbouncer().ifPresent(peers::add);
      case HAPROXY -> haproxy();
      case PGPOOL -> pgpool();
      case GATEWAY -> gateway(lone);
      case UP -> peers.add(up(fleet));
    }
  }

  /** The gateway within a fleet's {@code up}. */
  public static Peer up(ScratchFleet fleet) throws InterruptedException {
    return new Peer(
        PeerKind.UP,
        "pgfleet up",
        fleet.gatewayPort(),
        List.of(new ProcessUse(fleet.pid(), false)),
        true,
        false);
  }

  private Optional<Path> installed(String program, String packageName) {
    Optional<Path> found = Programs.find(program);
    if (found.isEmpty()) {
      said.accept(
          program
              + " is not installed, and left out (Debian: apt-get install "
              + packageName
              + ")");
    }
    return found;
  }

  /** Started once, for itself and for HAProxy before it. */
  private Optional<Peer> pgbouncer() throws InterruptedException {
    Optional<Path> program =
        pgbouncer.isPresent() ? Optional.empty() : installed("pgbouncer", "pgbouncer");
    if (program.isPresent()) {
      PgBouncer.Version version = PgBouncer.version(program.get());
      int port = LoopbackPorts.free(1).getFirst();
      Daemon daemon = PgBouncer.start(program.get(), pooling, port, fleet.folder(), certificate);
      daemons.push(daemon);
      pgbouncer =
          Optional.of(
              new Peer(
                  PeerKind.PGBOUNCER,
                  "PgBouncer " + version.text(),
                  port,
                  List.of(new ProcessUse(daemon.pid(), false)),
                  version.prepared(),
                  certificate.isPresent()));
    }
    return pgbouncer;
  }

  private void haproxy() throws InterruptedException {
    Optional<Path> program = installed("haproxy", "haproxy");
    Optional<Peer> behind = program.isPresent() ? pgbouncer() : Optional.empty();
    if (behind.isEmpty()) {
      return;
    }
    int port = LoopbackPorts.free(1).getFirst();
    Daemon daemon =
        HaProxy.start(
            program.orElseThrow(), port, behind.get().port(), pooling.clients(), fleet.folder());
    daemons.push(daemon);
    List<ProcessUse> both = new ArrayList<>(behind.get().processes());
    both.add(new ProcessUse(daemon.pid(), true));
    peers.add(
        new Peer(
            PeerKind.HAPROXY,
            "HAProxy " + HaProxy.version(program.get()) + " + PgBouncer",
            port,
            both,
            behind.get().prepared(),
            behind.get().tls()));
  }

  private void pgpool() throws InterruptedException {
    Optional<Path> program = installed("pgpool", "pgpool2");
    if (program.isEmpty()) {
      return;
    }
    List<Integer> ports = LoopbackPorts.free(2);
    Daemon daemon =
        Pgpool.start(program.get(), pooling, ports.get(0), ports.get(1), fleet.folder());
    daemons.push(daemon);
    peers.add(
        new Peer(
            PeerKind.PGPOOL,
            "Pgpool-II " + Pgpool.version(program.get()),
            ports.getFirst(),
            List.of(new ProcessUse(daemon.pid(), true)),
            true,
            false));
  }

  private void gateway(LoneGateway lone) throws InterruptedException {
    int port = LoopbackPorts.free(1).getFirst();
    Path folder = Daemon.folder(fleet.folder(), "gateway");
    List<String> command =
        lone.command(
            fleet.withGatewayPort(port), fleet.secrets(), pooling.server().port(), certificate);
    Daemon daemon = Daemon.start("pgfleet's gateway", command, port, folder);
    daemons.push(daemon);
    peers.add(
        new Peer(
            PeerKind.GATEWAY,
            "pgfleet gateway",
            port,
            List.of(new ProcessUse(daemon.pid(), false)),
            true,
            certificate.isPresent()));
  }

  /** Those that run, in the order of their kinds. */
  public List<Peer> peers() {
    if (peers.isEmpty()) {
      throw new BenchException("there is nothing to measure", "choose other --peers");
    }
    return List.copyOf(peers);
  }

  @Override
  public void close() {
    while (!daemons.isEmpty()) {
      daemons.pop().close();
    }
  }
}
