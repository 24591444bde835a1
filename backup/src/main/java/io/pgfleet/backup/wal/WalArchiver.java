package io.pgfleet.backup.wal;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.wal.WalInventory.Gap;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an archive's WAL up to date: receives from whoever is the primary, through failovers and
 * changes of the timeline, for as long as it is open. The slot makes each primary keep what the
 * archive lacks; what is gone nonetheless is written down as lost, and archiving goes on behind it.
 */
public final class WalArchiver implements WalSupply {
  private static final Logger log = LoggerFactory.getLogger(WalArchiver.class);
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Longer than the server's own {@code wal_sender_timeout}, in half of which it gives a sign. */
  private static final Duration SILENCE = Duration.ofSeconds(90);

  private static final Duration PAUSE = Duration.ofMillis(500);

  /** How often it looks whether a backup covers what was lost, while something is. */
  private static final Duration COVERED = Duration.ofSeconds(5);

  private static final int LONGEST_MESSAGE = 16 * 1024 * 1024;
  private static final int MEGA = 1024 * 1024;
  private static final int LARGEST_SEGMENT = 64 * MEGA;

  private final WalArchive archive;
  private final LostWal lost;
  private final Supplier<Optional<ConnectSettings>> primary;
  private final String slot;
  private final long system;
  private final Duration interval;
  private final InstantSource clock;
  private final List<Thread> threads;
  private volatile boolean closed;
  private volatile ArchiverState state = ArchiverState.NONE;
  private volatile Optional<Connection> open = Optional.empty();
  private volatile Optional<Connection> left = Optional.empty();
  private volatile TimelineHistory line = TimelineHistory.first(1);

  /**
   * An archiver.
   *
   * @param primary the server to receive from and a role that may replicate; empty while there is
   *     none. It is asked about twice a second, by several threads
   * @param slot a physical slot, made where it is not there
   * @param system the identifier that the server must have
   * @param interval how long WAL may wait before it is put; zero to put it as it comes
   * @throws BackupException if the cluster has segments larger than 64 MB
   */
  public WalArchiver(
      WalArchive archive,
      Supplier<Optional<ConnectSettings>> primary,
      String slot,
      long system,
      Duration interval) {
    this(archive, primary, slot, system, interval, InstantSource.system());
  }

  /** The same by another clock. */
  public WalArchiver(
      WalArchive archive,
      Supplier<Optional<ConnectSettings>> primary,
      String slot,
      long system,
      Duration interval,
      InstantSource clock) {
    requireSmallSegments(archive);
    this.archive = archive;
    this.lost = new LostWal(archive);
    this.primary = primary;
    this.slot = slot;
    this.system = system;
    this.interval = interval;
    this.clock = clock;
    this.threads =
        List.of(
            Thread.ofPlatform().daemon().name("wal-receive").unstarted(this::receiveAll),
            Thread.ofVirtual().name("wal-primary").unstarted(this::watchPrimary),
            Thread.ofVirtual().name("wal-gap").unstarted(this::watchGap));
  }

  /** Two segments at least are in memory, and what one of them becomes when it is put. */
  private static void requireSmallSegments(WalArchive archive) {
    if (archive.segmentSize() > LARGEST_SEGMENT) {
      throw new BackupException(
          Kind.SERVER,
          "The cluster of "
              + archive.archive().place()
              + " has WAL segments of "
              + archive.segmentSize() / MEGA
              + " MB; at most "
              + LARGEST_SEGMENT / MEGA
              + " MB can be archived.",
          "Make the cluster with smaller segments (initdb --wal-segsize), or take base backups"
              + " only.");
    }
  }

  @Override
  public void start() {
    threads.forEach(Thread::start);
  }

  @Override
  public ArchiverState state() {
    return state;
  }

  private synchronized void update(UnaryOperator<ArchiverState> change) {
    state = change.apply(state);
  }

  private void receiveAll() {
    while (!closed) {
      try {
        primary.get().ifPresent(this::receive);
      } catch (RuntimeException e) {
        log.error("the stream of WAL failed", e);
        update(now -> now.failed("it failed: " + e));
      }
      if (!paused(PAUSE)) {
        return;
      }
    }
  }

  private static boolean paused(Duration time) {
    try {
      Thread.sleep(time);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private void receive(ConnectSettings server) {
    ConnectSettings settings =
        server
            .withReplication(true)
            .withTimeouts(CONNECT, SILENCE)
            .withMaxMessageLength(LONGEST_MESSAGE);
    try (Connection connection = Connection.open(settings)) {
      open = Optional.of(connection);
      new PrimaryStream(archive, connection, slot, new Progress()).run(system, interval);
    } catch (BackupException e) {
      failed(e);
    } catch (PostgresException e) {
      failed(
          new BackupException(
              Kind.SERVER,
              "WAL of the server at "
                  + place(server)
                  + " can't be received: "
                  + e.report().message()
                  + ".",
              "See that the server is up and lets pgfleet replicate.",
              e));
    } catch (ServerException e) {
      failed(new BackupException(Kind.SERVER, String.valueOf(e.getMessage()), e.remedy(), e));
    } catch (IOException e) {
      ended(server, e);
    } finally {
      open = Optional.empty();
    }
  }

  private void failed(BackupException why) {
    log.warn("{} {}", why.getMessage(), why.hint());
    update(now -> now.failed(why.getMessage()));
  }

  private void ended(ConnectSettings server, IOException why) {
    if (closed) {
      return;
    }
    String reason =
        open.isPresent() && open.equals(left)
            ? "the server at " + place(server) + " is no longer the primary"
            : String.valueOf(why.getMessage());
    update(now -> now.failed("WAL is not received: " + reason));
    log.info("the stream of WAL from {} ended: {}", place(server), reason);
  }

  private static String place(ConnectSettings server) {
    return server.host() + ":" + server.port();
  }

  /** What the stream tells, by several threads. */
  private final class Progress implements PrimaryStream.Told {
    @Override
    public void kept(int on, Lsn end) {
      update(now -> now.kept(on, end, clock.instant()));
    }

    @Override
    public void failed(BackupException why) {
      update(now -> now.failed(why.getMessage()));
    }

    @Override
    public void follows(TimelineHistory followed, WalInventory held) {
      line = followed;
      tellGap(held);
    }

    @Override
    public void lost(Gap gap, String why) {
      lost.record(gap, clock.instant(), why);
      tellGap(archive.inventory());
    }

    @Override
    public boolean ended() {
      return closed;
    }
  }

  private void tellGap(WalInventory held) {
    Optional<String> told = lost.told(held, line);
    if (!told.equals(state.gap())) {
      told.ifPresent(log::warn);
      update(now -> now.withGap(told));
    }
  }

  /** A server that has lost its role may go on for long without ending the stream. */
  private void watchPrimary() {
    while (paused(PAUSE) && !closed) {
      Optional<Connection> used = open;
      if (used.isPresent() && !isNamed(used.get().settings())) {
        left = used;
        used.get().close();
      }
    }
  }

  private boolean isNamed(ConnectSettings server) {
    try {
      return primary
          .get()
          .filter(named -> named.host().equals(server.host()) && named.port() == server.port())
          .isPresent();
    } catch (RuntimeException e) {
      log.debug("who is the primary is not known", e); // which says nothing against this one
      return true;
    }
  }

  private void watchGap() {
    while (paused(COVERED) && !closed) {
      try {
        if (state.gap().isPresent()) {
          tellGap(archive.inventory());
        }
      } catch (BackupException e) {
        log.debug("whether a backup covers what was lost is not known", e);
      }
    }
  }

  /** Ends it; what is received and not in the archive yet is received again by the next one. */
  @Override
  public void close() {
    closed = true;
    open.ifPresent(Connection::close);
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
