package io.pgfleet.cli.up;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.ControlPoint;
import io.pgfleet.cli.control.ControlServer;
import io.pgfleet.cli.control.Reply;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.consensus.Agreement;
import io.pgfleet.consensus.group.GatewayMember;
import io.pgfleet.gateway.Gateway;
import io.pgfleet.gateway.GatewaySettings;
import io.pgfleet.gateway.LookupAccount;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.spec.GatewaySpec;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A gateway of a process of its own for a fleet that runs elsewhere, on this machine or others. One
 * takes the address over from another: the new one listens beside the old one first, and only then
 * is the old one told to leave, so a new one that fails changes nothing. One that takes over from
 * nobody need not find the fleet running: it listens, and its clients wait.
 */
public final class GatewayProgram {
  private static final Logger log = LoggerFactory.getLogger(GatewayProgram.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(20);

  private final GroupObserver observer;
  private final Gateway gateway;
  private final FleetSettings settings;

  /** What this process wants otherwise than the file. */
  private final UnaryOperator<GatewaySettings> local;

  /** Whether the agreed state could not be reached at first, and has not been since. */
  private final AtomicBoolean waits = new AtomicBoolean();

  private final AtomicBoolean leaving = new AtomicBoolean();
  private final CountDownLatch left = new CountDownLatch(1);
  private volatile @Nullable HeldGateway held;
  private volatile @Nullable ControlServer control;

  private GatewayProgram(Fleet fleet, boolean replaces, Consumer<String> said) throws IOException {
    FleetHome home = fleet.record().home();
    GatewaySpec spec = fleet.spec().gateway();
    GroupSpec group = fleet.spec().groups().getFirst();
    Optional<HostTls> tls = HostTls.require(fleet, "gateway");
    Supplier<Agreement> agreements = AgreedState.patientSessions(fleet);
    AgreedTopology topology = new AgreedTopology(group, node -> socket(node, home));
    this.settings = FleetSettings.of(fleet.record());
    this.observer = new GroupObserver(agreements, group.name(), topology, this::refresh);
    Optional<String> trouble = replaces ? Optional.empty() : AgreedState.trouble(fleet);
    if (replaces) {
      requireFleet(agreements, home);
    }
    trouble.ifPresent(why -> tell(why, said));
    LookupAccount account =
        new LookupAccount(
            "postgres", Accounts.GATEWAY, AgreedState.secret(home, "role." + Accounts.GATEWAY));
    this.local = settings -> shared(verified(settings, tls, spec));
    this.gateway =
        Gateway.start(
            first(local.apply(GatewayFromSpec.settings(fleet.spec())), replaces),
            topology,
            account);
    gateway.onReload(() -> Optional.of(settings.reload(Optional.of(gateway), local)));
    this.held =
        new HeldGateway(
            group.name(),
            new GatewayMember(
                UUID.randomUUID().toString(),
                ProcessHandle.current().pid(),
                spec.address().toString(),
                ""),
            gateway);
    observer.start();
    if (trouble.isEmpty()) {
      awaitPrimary(topology, said);
    }
  }

  private void tell(String why, Consumer<String> said) {
    waits.set(true);
    log.warn("the agreed state is not reached yet: {}", why);
    said.accept(
        "the agreed state is not reached yet: "
            + why
            + " Clients wait for it. Is the fleet running? 'pgfleet status' tells.");
  }

  /**
   * Starts a gateway and, if it replaces one, has that one leave.
   *
   * @throws CommandFailure if it can't; nothing has changed then
   */
  public static GatewayProgram start(Fleet fleet, boolean replace, Consumer<String> said) {
    FleetHome home = fleet.record().home();
    HostPort address = fleet.spec().gateway().address();
    ControlPoint point =
        ControlPoint.ofGateway(home, address.port(), ProcessHandle.current().pid());
    boolean occupied = ControlClient.isRunning(point);
    if (occupied && !replace) {
      throw new CommandFailure(
          point.what() + " runs already",
          "'pgfleet gateway --replace' takes its place, without an error to any client");
    }
    if (!occupied) {
      Ports.checkFree(List.of(address.host()), address.port());
    }
    try {
      GatewayProgram program = new GatewayProgram(fleet, occupied, said);
      said.accept("listening on " + address);
      if (occupied) {
        ControlClient.ask(point, Request.of("leave"), said);
        Thread.ofVirtual().name("metrics").start(() -> program.takeMetrics(fleet));
      }
      program.control = ControlServer.start(point, program::handle);
      return program;
    } catch (IOException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), "look at gateway.host and gateway.port in fleet.yaml");
    }
  }

  /** The one that is replaced answers for metrics until it has left. */
  private static GatewaySettings first(GatewaySettings settings, boolean replaces) {
    return replaces
        ? settings.with(draft -> draft.observe = settings.observe().withMetrics(Optional.empty()))
        : settings;
  }

  private void takeMetrics(Fleet fleet) {
    while (!leaving.get()) {
      try {
        gateway.observe(GatewayFromSpec.settings(fleet.spec()).observe());
        return;
      } catch (IOException e) {
        log.debug("metrics are still answered by the gateway that leaves: {}", e.getMessage());
        pause();
      }
    }
  }

  /** Another process may take this one's address over. */
  private static GatewaySettings shared(GatewaySettings settings) {
    return settings.with(draft -> draft.sharesAddress = true);
  }

  private static GatewaySettings verified(
      GatewaySettings settings, Optional<HostTls> tls, GatewaySpec spec) {
    return tls.map(host -> host.forGateway(settings, spec)).orElse(settings);
  }

  /** One that can't serve does not take the place of one that perhaps can. */
  private static void requireFleet(Supplier<Agreement> agreements, FleetHome home) {
    try (Agreement agreement = agreements.get()) {
      agreement.catchUp();
    } catch (io.pgfleet.consensus.AgreementException e) {
      throw new CommandFailure(
          CommandFailure.NOT_RUNNING,
          "the agreed state of fleet " + home.name() + " can't be reached: " + e.getMessage(),
          "is it running? 'pgfleet status' tells");
    }
  }

  /** A server's Unix-domain socket, if this process can see it. */
  private static Optional<Path> socket(NodeSpec node, FleetHome home) {
    if (!LocalAddresses.contain(node.address().host())) {
      return Optional.empty();
    }
    Path data = node.data().orElseGet(() -> home.nodeData(node.name()));
    return Optional.of(data.resolve(".s.PGSQL." + node.address().port())).filter(Files::exists);
  }

  private static void awaitPrimary(AgreedTopology topology, Consumer<String> said) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (topology.current().primary().isEmpty() && System.nanoTime() - end < 0) {
      pause();
    }
    if (topology.current().primary().isEmpty()) {
      said.accept("there is no primary now; clients wait for one");
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void refresh(Agreement agreement) {
    if (waits.compareAndSet(true, false)) {
      log.info("the agreed state is reached");
    }
    HeldGateway followed = held;
    if (followed != null) {
      followed.refresh(agreement);
    }
  }

  private Reply handle(Request request, Consumer<String> progress) {
    return switch (request.command()) {
      case "reload" -> {
        if (request.option("applied")) {
          settings.followedByServers();
        }
        yield Reply.text(settings.reload(Optional.of(gateway), local));
      }
      case "leave" -> {
        Thread.ofPlatform().name("leave").start(this::leave);
        yield Reply.text("the gateway of process " + ProcessHandle.current().pid() + " leaves");
      }
      default -> Reply.error("no such request: " + request.command(), "");
    };
  }

  /** Leaves the address, serves the clients there are for a bounded time, and ends. */
  public void leave() {
    if (leaving.compareAndSet(false, true)) {
      log.info("leaving, with {} clients", gateway.connected());
      try {
        gateway.handOver();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        gateway.close();
      }
      end();
    } else {
      awaitLeft();
    }
  }

  private void end() {
    HeldGateway followed = held;
    if (followed != null) {
      followed.close();
    }
    observer.close();
    ControlServer listening = control;
    try {
      if (listening != null) {
        listening.close();
      }
    } catch (IOException e) {
      log.debug("the control socket could not be closed", e);
    }
    log.info("left");
    left.countDown();
  }

  /** Waits until it has left. */
  public void awaitLeft() {
    try {
      left.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
