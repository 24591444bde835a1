package io.pgfleet.agent.sim;

import io.pgfleet.spec.NodeName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How WAL comes from one server to another: a standby connects to the server its configuration
 * names, primary or not, if that one's history has what it holds; WAL goes in batches, and each
 * batch is answered. Either end gives a silent connection up after a while. A slot, and so a
 * standby, has one walsender at most.
 */
final class Replication {
  private static final long TIMEOUT = Duration.ofSeconds(5).toNanos();
  private static final int BATCH = 40;

  private final World world;
  private final Network network;
  private final Checks checks;
  private final Map<NodeName, SimServer> servers = new LinkedHashMap<>();

  Replication(World world, Network network, Checks checks) {
    this.world = world;
    this.network = network;
    this.checks = checks;
  }

  void add(SimServer server) {
    servers.put(server.name(), server);
  }

  SimServer server(NodeName name) {
    return Objects.requireNonNull(servers.get(name));
  }

  /** The startup process has read its configuration. */
  void configured(SimServer standby) {
    Walsender receiver = standby.receiver();
    if (receiver != null && !isWanted(standby, receiver.upstream)) {
      standby.connected(null);
    }
    connectLater(standby);
  }

  private static boolean isWanted(SimServer standby, SimServer upstream) {
    return standby.upstreamInEffect().equals(Optional.of(upstream.name()));
  }

  void connectLater(SimServer standby) {
    standby.later(world.millis(1, 40), () -> connect(standby));
  }

  private void connect(SimServer standby) {
    Optional<NodeName> wanted = standby.upstreamInEffect();
    if (!standby.isStandby() || standby.receiver() != null || wanted.isEmpty()) {
      return;
    }
    SimServer upstream = server(wanted.get());
    boolean slotFree = upstream.walsenders().stream().noneMatch(other -> other.standby == standby);
    if (upstream.answers()
        && network.connects(standby.name(), upstream.name())
        && slotFree
        && upstream.wal().timeline() >= standby.wal().timeline()
        && upstream.wal().canStream(standby.wal().timeline(), standby.wal().size())) {
      checks.follows(standby, upstream);
      Walsender walsender =
          new Walsender(upstream, standby, upstream.forked().config(), world.nanos());
      standby.learnTimeline(upstream.knownTimeline());
      upstream.walsenders().add(walsender);
      standby.connected(walsender);
      world.tell(() -> standby.name() + " receives from " + upstream.name());
      pump(walsender);
    } else {
      standby.later(world.millis(200, 1500), () -> connect(standby));
    }
  }

  private void pump(Walsender link) {
    boolean sends = link.sends();
    boolean receives = link.receives();
    if (receives && (!sends || silent(link.heardByStandby)) && !link.standby.frozen()) {
      boolean told = !sends && network.passes(link.upstream.name(), link.standby.name());
      if (told || silent(link.heardByStandby)) {
        link.standby.connected(null);
        connectLater(link.standby);
        receives = false;
      }
    }
    if (sends && (!receives || silent(link.heardByUpstream)) && !link.upstream.frozen()) {
      boolean told = !receives && network.passes(link.standby.name(), link.upstream.name());
      if (told || silent(link.heardByUpstream)) {
        link.upstream.walsenders().remove(link);
        sends = false;
      }
    }
    if (sends && receives && !link.onTheWay && !link.upstream.frozen()) {
      send(link);
    }
    if (sends || receives) {
      world.after(world.millis(15, 80), () -> pump(link));
    }
  }

  private boolean silent(long since) {
    return world.nanos() - since > TIMEOUT;
  }

  private void send(Walsender link) {
    Wal wal = link.upstream.wal();
    int from = Math.min(link.sent, wal.size());
    int count = Math.min(BATCH, wal.size() - from);
    int[] timelines = new int[count];
    int[] records = new int[count];
    for (int i = 0; i < count; i++) {
      timelines[i] = wal.timelineAt(from + i);
      records[i] = wal.record(from + i);
    }
    link.onTheWay = true;
    carry(link, () -> arrive(link, from, timelines, records));
  }

  /** TCP tries again until one of the ends is gone. */
  private void carry(Walsender link, Runnable arrival) {
    world.after(
        network.delay(link.upstream.name(), link.standby.name()),
        () -> {
          if (!link.receives()) {
            link.onTheWay = false;
          } else if (network.passes(link.upstream.name(), link.standby.name())
              && !link.standby.frozen()) {
            arrival.run();
          } else {
            world.after(world.millis(50, 200), () -> carry(link, arrival));
          }
        });
  }

  private void arrive(Walsender link, int from, int[] timelines, int[] records) {
    link.heardByStandby = world.nanos();
    link.standby.receive(from, timelines, records);
    reply(link, link.standby.wal().size());
  }

  private void reply(Walsender link, int flushed) {
    world.after(
        network.delay(link.standby.name(), link.upstream.name()),
        () -> {
          if (!link.sends()) {
            link.onTheWay = false;
          } else if (network.passes(link.standby.name(), link.upstream.name())
              && !link.upstream.frozen()) {
            replied(link, flushed);
          } else {
            world.after(world.millis(50, 200), () -> reply(link, flushed));
          }
        });
  }

  private static void replied(Walsender link, int flushed) {
    link.onTheWay = false;
    link.heardByUpstream = link.upstream.now();
    link.flushed = flushed;
    link.sent = flushed;
    link.streaming |= flushed >= link.upstream.wal().size();
    link.upstream.release(link);
  }
}
