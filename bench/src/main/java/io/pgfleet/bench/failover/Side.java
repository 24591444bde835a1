package io.pgfleet.bench.failover;

import io.pgfleet.bench.BenchException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A cluster with its clients: the one whose pause is measured, and those that only load it. */
final class Side implements AutoCloseable {
  /** So many writes after a gap show that writing goes on. */
  private static final int GOES_ON = 50;

  private static final int LOAD_CLIENTS = 8;
  private static final Duration BETWEEN_WRITES = Duration.ofMillis(2);
  private static final Duration BETWEEN_WRITES_OF_LOAD = Duration.ofMillis(10);
  private static final Duration LOOK = Duration.ofMillis(50);

  /** How long a host that woke is watched. */
  private static final Duration AFTER_WAKING = Duration.ofSeconds(5);

  private final Cluster cluster;
  private final FailoverSettings settings;
  private final WriteProbe probe;
  private final Consumer<String> said;
  private final List<WriteProbe> load = new ArrayList<>();
  private boolean loaded;

  /**
   * What one scenario did once.
   *
   * @param gap of the one client
   * @param longest of any client
   * @param errors of all clients
   * @param lastError one of them; empty if there was none
   * @param former what a host did that woke after another had taken over
   */
  record Round(WriteProbe.Gap gap, Duration longest, int errors, String lastError, Former former) {}

  /**
   * What a former primary did.
   *
   * @param acknowledged writes of clients by way of the address of applications
   * @param accepted writes straight at its server that waited for nobody
   */
  record Former(int acknowledged, int accepted) {
    static final Former NOTHING = new Former(0, 0);
  }

  private Side(
      Cluster cluster, FailoverSettings settings, WriteProbe probe, Consumer<String> said) {
    this.cluster = cluster;
    this.settings = settings;
    this.probe = probe;
    this.said = said;
  }

  /** Prepares a cluster and its clients. */
  static Side begin(Cluster cluster, FailoverSettings settings, Consumer<String> said) {
    WriteProbe.prepare(cluster.target());
    try {
      FormerServer.prepare(cluster.target());
    } catch (SQLException e) {
      throw new BenchException("can't prepare " + cluster.target() + ": " + e.getMessage(), "");
    }
    Side side =
        new Side(
            cluster,
            settings,
            WriteProbe.start(cluster.target(), new WriteProbe.Habit(0, false, BETWEEN_WRITES)),
            said);
    side.rest();
    return side;
  }

  Cluster cluster() {
    return cluster;
  }

  /** The client that is measured writes, and with it those that load the cluster if wanted. */
  void write(boolean load) {
    probe.rest(false);
    load(load);
  }

  /** Nobody writes. */
  void rest() {
    probe.rest(true);
    load(false);
  }

  /** More clients write, every other in transaction blocks; or they rest. */
  private void load(boolean on) {
    for (int i = load.size(); on && i < LOAD_CLIENTS; i++) {
      load.add(
          WriteProbe.start(
              cluster.target(), new WriteProbe.Habit(1 + i, i % 2 == 0, BETWEEN_WRITES_OF_LOAD)));
    }
    load.forEach(client -> client.rest(!on));
    loaded = on;
  }

  /** Who is at work. */
  private List<WriteProbe> all() {
    List<WriteProbe> all = new ArrayList<>(loaded ? load : List.of());
    all.add(probe);
    return all;
  }

  /** Lets a scenario happen once, and waits until writing goes on. */
  Round round(Scenario scenario) throws IOException, InterruptedException {
    awaitWhole();
    Thread.sleep(settings.settle());
    int primary = awaitPrimary();
    all().forEach(WriteProbe::begin);
    switch (scenario) {
      case POSTMASTER_KILLED -> {
        if (!cluster.killPostmaster(primary)) {
          throw new BenchException("there is no server to kill on host " + primary, "try again");
        }
      }
      case HOST_LOST -> cluster.loseHost(primary);
      case HOST_FROZEN -> {
        cluster.signalHost(primary, "STOP");
        // whoever was started between the list and the signal
        cluster.signalHost(primary, "STOP");
      }
      case SWITCHOVER -> cluster.switchover();
    }
    awaitWrites(scenario);
    WriteProbe.Gap gap = probe.longest();
    Former former =
        switch (scenario) {
          case HOST_FROZEN -> wake(primary);
          case POSTMASTER_KILLED, HOST_LOST, SWITCHOVER -> Former.NOTHING;
        };
    if (scenario == Scenario.HOST_LOST) {
      cluster.bringBack(primary);
    }
    List<WriteProbe> clients = all();
    return new Round(
        gap,
        clients.stream().map(one -> one.longest().length()).reduce(gap.length(), Side::longer),
        clients.stream().mapToInt(WriteProbe::errors).sum(),
        clients.stream().map(WriteProbe::lastError).reduce("", (a, b) -> a.isEmpty() ? b : a),
        former);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private Former wake(int host) throws IOException, InterruptedException {
    String address = cluster.server(host).host();
    int before = probe.count(address);
    try (FormerServer watch = FormerServer.watch(cluster.server(host))) {
      Thread.sleep(LOOK);
      cluster.signalHost(host, "CONT");
      Thread.sleep(AFTER_WAKING);
      return new Former(probe.count(address) - before, watch.accepted());
    }
  }

  /** Writes may go on for a moment before they stop, so a gap must have been seen. */
  private void awaitWrites(Scenario scenario) throws InterruptedException {
    long end = end();
    TimeUnit.SECONDS.sleep(1);
    int before = probe.count();
    await(
        end,
        () -> probe.count() - before >= GOES_ON,
        "does not write again after " + scenario.id());
  }

  /** A cluster that needs a hand for it gets one, and that is told: it is a result, too. */
  private void awaitWhole() throws InterruptedException {
    try {
      await(end(), cluster::isWhole, "is not whole again");
    } catch (BenchException e) {
      String done = cluster.repair();
      if (done.isEmpty()) {
        throw e;
      }
      said.accept(
          "%s was not whole again after %d s; %s"
              .formatted(cluster.name(), settings.patience().toSeconds(), done));
      await(end(), cluster::isWhole, "is not whole again, although it was " + done);
    }
  }

  /** A server that is slow to answer for a moment is no lost one. */
  private int awaitPrimary() throws InterruptedException {
    AtomicInteger primary = new AtomicInteger();
    await(
        end(),
        () -> {
          primary.set(cluster.primary());
          return primary.get() != 0;
        },
        "has no primary");
    return primary.get();
  }

  private long end() {
    return System.nanoTime() + settings.patience().toNanos();
  }

  private void await(long end, Condition wanted, String otherwise) throws InterruptedException {
    while (!wanted.holds()) {
      if (System.nanoTime() - end > 0) {
        throw new BenchException(cluster.name() + " " + otherwise, "look at its logs");
      }
      Thread.sleep(LOOK);
    }
  }

  /** Acknowledged writes of all clients. */
  int count() {
    return probe.count() + load.stream().mapToInt(WriteProbe::count).sum();
  }

  /** Ends the clients, and counts acknowledged rows that are not there or there twice. */
  int lost() {
    return probe.lost() + load.stream().mapToInt(WriteProbe::lost).sum();
  }

  @Override
  public void close() {
    load.forEach(WriteProbe::close);
    probe.close();
    cluster.close();
  }

  private interface Condition {
    boolean holds() throws InterruptedException;
  }
}
