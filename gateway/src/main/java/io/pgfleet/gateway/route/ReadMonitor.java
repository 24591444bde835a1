package io.pgfleet.gateway.route;

import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.gateway.topology.TopologySource;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows which standbys may serve reads now, from watches of the primary and of each standby. Loops
 * read it without locks.
 */
public final class ReadMonitor implements AutoCloseable {
  private static final Duration BUSY = Duration.ofMillis(50);
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration STAYS_BUSY = Duration.ofSeconds(2);

  /** An answer that takes longer does not come: the server is frozen, or its host is gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final StandbyState[] NONE = {};

  /** How the gateway itself logs in to servers. */
  public interface Account {
    /** What a connection to a database of a server takes. */
    ConnectSettings to(Target target, String database);
  }

  private record Watched(StandbyState state, ServerWatch watch) {}

  private final TopologySource servers;
  private volatile ReadSettings settings;
  private final Account account;
  private final LongSupplier ticker;
  private final Consumer<Standby> lost;
  private final Progress progress;
  private final Catalogs catalogs;
  private final Map<Standby, Watched> watched = new HashMap<>();
  private @Nullable Primary primary;
  private volatile @Nullable ServerWatch primaryWatch;
  private volatile StandbyState[] standbys = NONE;
  private volatile boolean used;
  private volatile long busyUntil;

  /**
   * @param account how connections are opened
   * @param ticker nanoseconds of a clock that only grows
   * @param lost told of a standby that does not answer any more, from any thread
   */
  public ReadMonitor(
      TopologySource servers,
      ReadSettings settings,
      Account account,
      LongSupplier ticker,
      Consumer<Standby> lost) {
    this.servers = servers;
    this.settings = settings;
    this.account = account;
    this.ticker = ticker;
    this.lost = lost;
    this.progress = new Progress(settings.maxLag().toNanos());
    this.catalogs = new Catalogs(this::openDatabase, settings.readFunctions());
    this.busyUntil = ticker.getAsLong();
  }

  /** Begins to watch. */
  public void start() {
    catalogs.start();
    topologyChanged();
    servers.onChange(this::topologyChanged);
  }

  /** Takes other settings; how far back it remembers and which functions only read stay. */
  public void reload(ReadSettings changed) {
    settings = changed;
  }

  public ReadSettings settings() {
    return settings;
  }

  public Catalogs catalogs() {
    return catalogs;
  }

  public Progress progress() {
    return progress;
  }

  /** The standbys of now, those included that may not serve. Not to be changed. */
  @SuppressWarnings("EI_EXPOSE_REP")
  public StandbyState[] standbys() {
    return standbys;
  }

  /** Reads are being routed: positions should be fresh. */
  public void used() {
    if (!used) {
      used = true;
      if (ticker.getAsLong() - busyUntil > 0) {
        busyUntil = ticker.getAsLong() + STAYS_BUSY.toNanos();
        askPrimary();
        for (StandbyState state : standbys) {
          state.ask();
        }
      }
    }
  }

  /** Asks the primary at once for its position. */
  public void askPrimary() {
    ServerWatch watch = primaryWatch;
    if (watch != null) {
      watch.ask();
    }
  }

  private Duration pace() {
    long now = ticker.getAsLong();
    if (used) {
      used = false;
      busyUntil = now + STAYS_BUSY.toNanos();
    }
    return busyUntil - now > 0 ? BUSY : IDLE;
  }

  private synchronized void topologyChanged() {
    Topology topology = servers.current();
    Primary next = topology.primary().orElse(null);
    if (!Optional.ofNullable(next).equals(Optional.ofNullable(primary))) {
      primary = next;
      ServerWatch former = primaryWatch;
      if (former != null) {
        former.close();
      }
      progress.reset();
      primaryWatch = next == null ? null : watch(next);
    }
    watched
        .entrySet()
        .removeIf(entry -> {
          boolean gone = !topology.standbys().contains(entry.getKey());
          if (gone) {
            entry.getValue().watch().close();
            entry.getValue().state().silent();
          }
          return gone;
        });
    List<StandbyState> states = new ArrayList<>();
    for (Standby standby : topology.standbys()) {
      states.add(watched.computeIfAbsent(standby, this::watch).state());
    }
    standbys = states.toArray(NONE);
  }

  private ServerWatch watch(Primary target) {
    ServerWatch watch =
        ServerWatch.primary(target.node(), () -> open(target), new PrimaryWork(target), this::pace);
    watch.start();
    return watch;
  }

  private Watched watch(Standby target) {
    ServerWatch[] made = new ServerWatch[1];
    boolean near = settings.region().map(target.region()::equals).orElse(true);
    StandbyState state = new StandbyState(target, near, () -> made[0].ask());
    made[0] =
        ServerWatch.standby(target.node(), () -> open(target), new StandbyWork(state), this::pace);
    made[0].start();
    return new Watched(state, made[0]);
  }

  private final class PrimaryWork implements ServerWatch.Work {
    private final Primary target;
    private long number;
    private long sentAt;

    PrimaryWork(Primary target) {
      this.target = target;
    }

    @Override
    public boolean asking() {
      sentAt = ticker.getAsLong();
      number = progress.take();
      return servers.current().has(target);
    }

    @Override
    public void answered(long lsn) {
      synchronized (ReadMonitor.this) {
        if (target.equals(primary)) {
          progress.answered(new Progress.Sample(number, lsn, sentAt));
        }
      }
    }

    @Override
    public void silent() {
      // it shows in the age of its last answer
    }
  }

  private final class StandbyWork implements ServerWatch.Work {
    private final StandbyState state;

    StandbyWork(StandbyState state) {
      this.state = state;
    }

    @Override
    public boolean asking() {
      return true;
    }

    @Override
    public void answered(long lsn) {
      state.answered(lsn);
      state.judge(progress, settings, ticker.getAsLong(), PATIENCE.toNanos());
    }

    @Override
    public void silent() {
      boolean answered = state.answers();
      state.silent();
      if (answered) {
        lost.accept(state.standby());
      }
    }
  }

  private Connection open(Target target) throws IOException, PostgresException {
    return open(target, "postgres");
  }

  private Connection openDatabase(String database) throws IOException, PostgresException {
    Primary target =
        servers.current().primary().orElseThrow(() -> new IOException("there is no primary now"));
    return open(target, database);
  }

  private Connection open(Target target, String database) throws IOException, PostgresException {
    return Connection.open(account.to(target, database).withTimeouts(PATIENCE, PATIENCE));
  }

  @Override
  public synchronized void close() {
    catalogs.close();
    ServerWatch watch = primaryWatch;
    if (watch != null) {
      watch.close();
    }
    watched.values().forEach(each -> each.watch().close());
  }
}
