package io.pgfleet.gateway;

import com.sun.management.UnixOperatingSystemMXBean;
import io.pgfleet.gateway.login.LookupConnection;
import io.pgfleet.gateway.login.Verifiers;
import io.pgfleet.gateway.observe.ObserveSettings;
import io.pgfleet.gateway.observe.Route;
import io.pgfleet.gateway.poll.SharedPort;
import io.pgfleet.gateway.route.PromotionWatch;
import io.pgfleet.gateway.route.ReadMonitor;
import io.pgfleet.gateway.route.ReadSettings;
import io.pgfleet.gateway.tls.ServerTls;
import io.pgfleet.gateway.tls.TlsMode;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.gateway.topology.TopologySource;
import io.pgfleet.gateway.transport.UnixSocket;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Encryption;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The address that applications connect to. Takes clients of PostgreSQL's protocol, proves their
 * passwords, and lends them connections to the current primary. Safe from any thread.
 */
public final class Gateway implements AutoCloseable {
  private static final Duration VERIFIER_AGE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration LAST_LOOKS = Duration.ofMillis(50);

  /** A round trip to far clients, twice. */
  private static final Duration HANDSHAKE = Duration.ofMillis(500);

  private static final int BACKLOG = 4096;

  private final Fleet fleet;
  private final List<EventLoop> loops;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final List<Listener> listeners;
  private final ServerSocketChannel channel;
  private final InetSocketAddress address;
  private final Observation observation;
  private final Optional<UnixSocket> unix;

  private Gateway(
      Fleet fleet,
      List<EventLoop> loops,
      List<Listener> listeners,
      ServerSocketChannel channel,
      Optional<UnixSocket> unix)
      throws IOException {
    this.fleet = fleet;
    this.loops = loops;
    this.listeners = List.copyOf(listeners);
    this.channel = channel;
    this.address = (InetSocketAddress) channel.getLocalAddress();
    this.unix = unix;
    this.observation = new Observation(fleet, loops, this);
  }

  /**
   * Begins to accept clients.
   *
   * @throws IOException if the address can't be listened on, or this process may not open as many
   *     sockets as the settings admit clients
   */
  public static Gateway start(
      GatewaySettings settings, TopologySource source, LookupAccount account) throws IOException {
    checkFileDescriptors(settings);
    LongSupplier ticker = System::nanoTime;
    AtomicReference<Runnable> changed = new AtomicReference<>(() -> {});
    AccessFiles access = new AccessFiles(settings.access(), () -> changed.get().run());
    PromotionWatch servers =
        PromotionWatch.start(source, target -> own(account, target, access.current().serverTls()));
    Verifiers verifiers =
        new Verifiers(
            () -> lookup(settings, servers, account, access.current().serverTls()),
            () -> access.current().auth().md5(),
            VERIFIER_AGE,
            ticker);
    changed.set(verifiers::forget);
    List<EventLoop> loops = new CopyOnWriteArrayList<>();
    ReadMonitor reads =
        new ReadMonitor(
            servers,
            settings.reads(),
            (target, database) ->
                own(account, target, access.current().serverTls()).withDatabase(database),
            ticker,
            standby -> loops.forEach(loop -> loop.post(() -> loop.standbyLost(standby))));
    Fleet fleet = new Fleet(settings, servers, verifiers, reads, access, ticker);
    for (int i = 0; i < settings.loops(); i++) {
      loops.add(new EventLoop(fleet, i));
    }
    fleet.loops(loops);
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      if (settings.sharesAddress()) {
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      channel.bind(settings.listen(), BACKLOG);
      channel.configureBlocking(false);
    } catch (IOException e) {
      channel.close();
      throw new IOException(
          "The gateway can't listen on "
              + settings.listen()
              + ": "
              + e.getMessage()
              + ". Stop what uses the address, or choose another port.",
          e);
    }
    Optional<UnixSocket> unix = Optional.empty();
    EventLoop first = loops.getFirst();
    List<Listener> listeners = new ArrayList<>();
    try {
      if (settings.access().unixSocket().isPresent()) {
        unix = Optional.of(UnixSocket.open(settings.access().unixSocket().get(), BACKLOG));
        listeners.add(new Listener(fleet, unix.get().channel(), first, loops));
      }
      listeners.add(new Listener(fleet, channel, first, loops));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    Gateway gateway = new Gateway(fleet, loops, listeners, channel, unix);
    verifiers.start();
    reads.start();
    access.start();
    loops.forEach(EventLoop::start);
    try {
      gateway.observation.start(settings.observe());
    } catch (IOException e) {
      gateway.end();
      throw e;
    }
    servers.onChange(() -> loops.forEach(loop -> loop.post(loop::topologyChanged)));
    AtomicReference<Optional<Primary>> last = new AtomicReference<>(servers.current().primary());
    servers.onChange(() -> {
      Optional<Primary> now = servers.current().primary();
      if (!now.equals(last.getAndSet(now))) {
        verifiers.primaryMoved();
      }
    });
    return gateway;
  }

  private static Verifiers.Question lookup(
      GatewaySettings settings, TopologySource servers, LookupAccount account, ServerTls tls)
      throws IOException {
    Primary primary =
        servers.current().primary().orElseThrow(() -> new IOException("there is no primary now"));
    return LookupConnection.open(
        own(account, primary, tls)
            .withTimeouts(settings.connectTimeout(), settings.connectTimeout()),
        () -> servers.current().has(primary));
  }

  private static ConnectSettings own(LookupAccount account, Target target, ServerTls tls) {
    return ConnectSettings.of(target.host(), target.port(), account.database(), account.user())
        .withPassword(account.password())
        .withParameter("application_name", "pgfleet gateway")
        .withEncryption(encryption(tls));
  }

  private static Optional<Encryption> encryption(ServerTls tls) {
    return tls.mode() == TlsMode.DISABLE
        ? Optional.empty()
        : Optional.of(new Encryption(tls.mode().required(), tls::wrap));
  }

  /** Each client takes one descriptor, and perhaps a server another (plus a margin for the JVM). */
  private static void checkFileDescriptors(GatewaySettings settings) throws IOException {
    long limit = fileDescriptorLimit();
    long needed = settings.maxClientConnections() + settings.pools().defaults().poolSize() + 200L;
    if (limit > 0 && limit < needed) {
      throw new IOException(
          "The gateway may open "
              + limit
              + " files, but "
              + settings.maxClientConnections()
              + " clients need about "
              + needed
              + ". Raise the limit (ulimit -n, or LimitNOFILE= in systemd) or admit fewer clients.");
    }
  }

  private static long fileDescriptorLimit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : -1;
  }

  /** Where clients connect; with the port that was taken if 0 was asked for. */
  public InetSocketAddress address() {
    return address;
  }

  /**
   * Reads the files of certificates and rules again, whether they seem changed or not. New
   * connections are taken by them; those that are there stay as they are.
   *
   * @throws IOException with all that is wrong in them; nothing has changed then
   */
  public void reloadAccess() throws IOException {
    fleet.access.apply(fleet.access.current().settings());
  }

  /**
   * Takes other settings of access, without those of listening: Unix-domain sockets stay as they
   * were at the start.
   *
   * @throws IOException with all that is wrong in the files they name; nothing has changed then
   */
  public void reloadAccess(AccessSettings settings) throws IOException {
    fleet.access.apply(settings);
  }

  /**
   * Holds new transactions and waits for those that run to end.
   *
   * @return whether all have ended; false if some still ran after the drain timeout. New ones are
   *     held in either case, until {@link #resume}.
   */
  public boolean pause() throws InterruptedException {
    fleet.pause(true);
    return drain();
  }

  /** Lets held transactions run, on the primary of now. */
  public void resume() {
    fleet.pause(false);
    loops.forEach(loop -> loop.post(loop::topologyChanged));
  }

  private boolean drain() throws InterruptedException {
    long end = fleet.ticker.getAsLong() + fleet.settings.holdTimeout().toNanos();
    while (true) {
      int running = ask(EventLoop::running).stream().mapToInt(Integer::intValue).sum();
      if (running == 0) {
        return true;
      }
      if (fleet.ticker.getAsLong() - end >= 0) {
        return false;
      }
      Thread.sleep(POLL);
    }
  }

  /**
   * Changes who may look into the gateway and what is written down; clients notice nothing.
   *
   * @throws IOException if metrics can't be served at their address; nothing is changed then
   */
  public void observe(ObserveSettings settings) throws IOException {
    observation.apply(settings);
  }

  /** Who may look into the gateway and what is written down. */
  public ObserveSettings observed() {
    return fleet.observe();
  }

  /** Where metrics are served; with the port that was taken if 0 was asked for. */
  public Optional<InetSocketAddress> metricsAddress() {
    return observation.metricsAddress();
  }

  /**
   * What the command RELOAD of the admin database runs. It gives what there is to tell, or nothing,
   * and throws with a reason if nothing was changed.
   */
  public void onReload(Callable<Optional<String>> reload) {
    observation.onReload(reload);
  }

  /** No further client is accepted; those that are here stay. */
  void acceptNoMore() {
    loops
        .getFirst()
        .post(() -> {
          listeners.forEach(Listener::close);
          unix.ifPresent(EventLoop::closeQuietly);
        });
  }

  private <T> List<T> ask(Function<EventLoop, T> question) {
    return observation.control().ask(question);
  }

  /** Requests that servers of a kind have answered. */
  long requests(Route route) {
    long sum = 0;
    for (long each : ask(loop -> loop.requests(route))) {
      sum += each;
    }
    return sum;
  }

  /** What the gateway is doing now. */
  public GatewayStatus status() {
    int clients = 0;
    int active = 0;
    int waiting = 0;
    long held = 0;
    List<GatewayStatus.PinnedClient> pinned = new ArrayList<>();
    List<GatewayStatus.PoolStatus> pools = new ArrayList<>();
    GatewayStatus.Totals totals = new GatewayStatus.Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (EventLoop.LoopStatus status : ask(EventLoop::status)) {
      clients += status.clients();
      active += status.active();
      waiting += status.waiting();
      held += status.heldBytes();
      pinned.addAll(status.pinned());
      pools.addAll(status.pools());
      totals = totals.plus(status.totals());
    }
    var primary = fleet.primary();
    return new GatewayStatus(
        clients,
        active,
        waiting,
        fleet.paused() || fleet.holds.paused() || primary.isEmpty(),
        held,
        pinned,
        pools,
        primary,
        Arrays.stream(fleet.reads.standbys()).map(GatewayStatus.StandbyStatus::of).toList(),
        fileDescriptorLimit(),
        totals);
  }

  /**
   * Replaces the settings. Clients and servers stay connected; what they do next follows the new
   * ones.
   *
   * @return the words of fleet.yaml for settings that differ but stay as they are until the gateway
   *     is started anew
   * @throws IOException if the settings can't be met; then nothing has changed
   */
  public List<String> reload(GatewaySettings wanted) throws IOException {
    checkFileDescriptors(wanted);
    GatewaySettings old = fleet.settings;
    List<String> kept = new ArrayList<>();
    if (!wanted.listen().equals(old.listen())) {
      kept.add("host and port");
    }
    if (wanted.loops() != old.loops()) {
      kept.add("loops");
    }
    if (!wanted.access().unixSocket().equals(old.access().unixSocket())) {
      kept.add("unix_socket_dir");
    }
    ReadSettings reads = wanted.reads().lastingAs(old.reads());
    if (!wanted.reads().equals(reads)) {
      kept.add("reads.max_lag and reads.read_functions");
    }
    GatewaySettings next =
        wanted.with(draft -> {
          draft.listen = old.listen();
          draft.loops = old.loops();
          draft.sharesAddress = old.sharesAddress();
          draft.access = wanted.access().withUnixSocket(old.access().unixSocket());
          draft.reads = reads;
        });
    fleet.access.apply(next.access());
    try {
      observe(next.observe());
    } catch (IOException e) {
      fleet.access.apply(old.access());
      throw e;
    }
    fleet.settings = next;
    fleet.reads.reload(next.reads());
    loops.forEach(loop -> loop.post(loop::settingsChanged));
    return kept;
  }

  /** The settings it runs with now. */
  public GatewaySettings settings() {
    return fleet.settings;
  }

  /**
   * Leaves its address to another gateway that listens on it, or to nobody: accepts who has reached
   * it already, then nobody more; serves its clients until each has left; after the drain timeout
   * closes those between transactions, and within the hold timeout after that the others as their
   * transactions end. Then the gateway is closed.
   */
  public void handOver() throws InterruptedException {
    if (SharedPort.leaveToSecond(channel)) {
      // Those who were shaking hands with this one are through by then.
      Thread.sleep(HANDSHAKE);
    }
    ask(loop -> {
      if (loop == loops.getFirst()) {
        listeners.forEach(Listener::finish);
      }
      return true;
    });
    if (!awaitNobody(fleet.settings.drainTimeout())) {
      loops.forEach(loop -> loop.post(loop::closeIdle));
      long end = fleet.ticker.getAsLong() + fleet.settings.holdTimeout().toNanos();
      while (!awaitNobody(LAST_LOOKS) && fleet.ticker.getAsLong() - end < 0) {
        loops.forEach(loop -> loop.post(loop::closeIdle));
      }
    }
    close();
  }

  private boolean awaitNobody(Duration longest) throws InterruptedException {
    long end = fleet.ticker.getAsLong() + longest.toNanos();
    while (fleet.sockets.get() > 0) {
      if (fleet.ticker.getAsLong() - end >= 0) {
        return false;
      }
      Thread.sleep(POLL);
    }
    return true;
  }

  /** Clients that are connected, those that log in included. */
  public int connected() {
    return fleet.sockets.get();
  }

  /** Accepts no more, lets running transactions end within the drain timeout, then closes all. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    acceptNoMore();
    boolean interrupted = false;
    try {
      pause();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    stop(interrupted);
  }

  /** Ends at once: what runs is cut off. */
  void end() {
    if (closed.compareAndSet(false, true)) {
      acceptNoMore();
      stop(false);
    }
  }

  private void stop(boolean wasInterrupted) {
    boolean interrupted = wasInterrupted;
    fleet.verifiers.close();
    fleet.servers.close();
    fleet.reads.close();
    fleet.access.close();
    for (EventLoop loop : loops) {
      loop.post(loop::stop);
      try {
        loop.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    observation.close();
    fleet.handshakes.shutdownNow();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
