package io.pgfleet.backup.wal;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.SourceServer;
import io.pgfleet.backup.wal.WalArchive.Held;
import io.pgfleet.backup.wal.WalReceiving.Next;
import io.pgfleet.postgres.backup.ReplicationSlots;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an archive's WAL up to date: receives from whoever is the primary, through failovers and
 * changes of the timeline, for as long as it is open. The slot makes each primary keep what the
 * archive lacks.
 */
public final class WalArchiver implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WalArchiver.class);
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Longer than the server's own {@code wal_sender_timeout}, in half of which it gives a sign. */
  private static final Duration SILENCE = Duration.ofSeconds(90);

  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int LONGEST_MESSAGE = 16 * 1024 * 1024;
  private static final int MEGA = 1024 * 1024;
  private static final int LARGEST_SEGMENT = 64 * MEGA;

  private final WalArchive archive;
  private final Supplier<Optional<ConnectSettings>> primary;
  private final String slot;
  private final long system;
  private final Duration interval;
  private final Thread thread;
  private volatile boolean closed;
  private volatile ArchiverState state = ArchiverState.NONE;
  private volatile Optional<Connection> open = Optional.empty();

  /**
   * An archiver.
   *
   * @param primary the server to receive from and a role that may replicate; empty while there is
   *     none
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
    requireSmallSegments(archive);
    this.archive = archive;
    this.primary = primary;
    this.slot = slot;
    this.system = system;
    this.interval = interval;
    this.thread = Thread.ofPlatform().daemon().name("wal-receive").unstarted(this::run);
  }

  /** Begins. */
  public void start() {
    thread.start();
  }

  /** How far it is. */
  public ArchiverState state() {
    return state;
  }

  private void run() {
    while (!closed) {
      Optional<ConnectSettings> server = primary.get();
      if (server.isPresent()) {
        receive(server.get());
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      }
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
      stream(connection);
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
              "A new base backup begins a new chain if that WAL is gone.",
              e));
    } catch (ServerException e) {
      failed(new BackupException(Kind.SERVER, e.getMessage(), e.remedy(), e));
    } catch (RuntimeException e) {
      log.error("the stream of WAL failed", e);
      state = state.failed("it failed: " + e);
    } catch (IOException e) {
      if (!closed) {
        state = state.failed("WAL is not received: " + e.getMessage());
        log.info("the stream of WAL from {} ended: {}", place(server), e.getMessage());
      }
    } finally {
      open = Optional.empty();
    }
  }

  private void failed(BackupException why) {
    log.warn("{} {}", why.getMessage(), why.hint());
    state = state.failed(why.getMessage());
  }

  private void stream(Connection connection) throws IOException, PostgresException {
    SourceServer server = SourceServer.of(connection);
    server.requireSystem(system, place(connection.settings()));
    requireSegmentSize(server, place(connection.settings()));
    ReplicationSlots.ensurePhysical(connection, slot);
    TimelineHistory history = history(connection, server.timeline());
    SegmentName first =
        WalStart.of(history, held(history), restart(connection), archive.segmentSize());
    while (!closed) {
      log.info("archiving WAL from {} on timeline {}", first.start(), first.timeline());
      WalReceiving receiving =
          new WalReceiving(
              archive,
              first,
              interval,
              new WalReceiving.Confirmed() {
                @Override
                public void kept(int on, Lsn end) {
                  state = ArchiverState.at(on, end);
                }

                @Override
                public void failed(BackupException why) {
                  state = state.failed(why.getMessage());
                }
              });
      Optional<Next> next = receiving.run(connection, slot, first);
      if (next.isEmpty()) {
        return;
      }
      history(connection, next.get().timeline());
      first = SegmentName.of(next.get().timeline(), next.get().start(), archive.segmentSize());
    }
  }

  private static String place(ConnectSettings server) {
    return server.host() + ":" + server.port();
  }

  /** Two segments at least are in memory, and as many again while one is put. */
  private static void requireSmallSegments(WalArchive archive) {
    if (archive.segmentSize() > LARGEST_SEGMENT) {
      throw new BackupException(
          Kind.SERVER,
          "The cluster of "
              + archive.place()
              + " has WAL segments of "
              + archive.segmentSize() / MEGA
              + " MB; at most "
              + LARGEST_SEGMENT / MEGA
              + " MB can be archived.",
          "Make the cluster with smaller segments (initdb --wal-segsize), or take base backups"
              + " only.");
    }
  }

  private void requireSegmentSize(SourceServer server, String place) {
    if (server.segment() != archive.segmentSize()) {
      throw new BackupException(
          Kind.SERVER,
          "The server at "
              + place
              + " has WAL segments of "
              + server.segment() / MEGA
              + " MB, the archive of "
              + archive.segmentSize() / MEGA
              + " MB.",
          "See that the address is that of this fleet's primary.");
    }
  }

  /** A timeline's history, which is put into the archive if it is not there. */
  private TimelineHistory history(Connection connection, int timeline)
      throws IOException, PostgresException {
    if (timeline == 1) {
      return TimelineHistory.first(timeline);
    }
    String content =
        connection.query("TIMELINE_HISTORY " + timeline).getFirst().onlyRow().required("content");
    TimelineHistory history = TimelineHistory.parse(timeline, content);
    Optional<TimelineHistory> known = archive.history(timeline, false);
    if (known.isEmpty()) {
      archive.putHistory(timeline, content);
    } else if (!known.get().equals(history)) {
      throw new BackupException(
          Kind.SERVER,
          "The primary's timeline "
              + timeline
              + " comes from "
              + history.forks()
              + ", the archive's from "
              + known.get().forks()
              + ".",
          "Another server of the same origin has taken that number; give one of them another"
              + " repository.");
    }
    return history;
  }

  private Map<Integer, OptionalLong> held(TimelineHistory history) {
    Map<Integer, OptionalLong> held = new HashMap<>();
    List<Integer> known = archive.timelines();
    for (int timeline : known) {
      if (history.holds(timeline, Lsn.ZERO)) {
        SortedMap<Long, Held> segments = archive.segments(timeline);
        held.put(
            timeline,
            segments.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(
                    segments.get(segments.lastKey()).whole()
                        ? segments.lastKey() + 1
                        : segments.lastKey()));
      }
    }
    return held;
  }

  private Lsn restart(Connection connection) throws IOException, PostgresException {
    return Lsn.parse(
        connection
            .query("READ_REPLICATION_SLOT " + slot)
            .getFirst()
            .onlyRow()
            .required("restart_lsn"));
  }

  /** Ends it; what is received and not in the archive yet is received again by the next one. */
  @Override
  public void close() {
    closed = true;
    open.ifPresent(Connection::close);
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
