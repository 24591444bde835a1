package io.pgfleet.backup.push;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.restore.MissingWal;
import io.pgfleet.backup.restore.WalChain;
import io.pgfleet.backup.wal.ArchiverState;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalSupply;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.client.Row;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows how far an archive is with the WAL that the primary hands over. A finished segment that
 * does not come for long it puts itself, if the primary has it: one that was finished before the
 * server archived, or of which PostgreSQL believes that it is archived. What is neither in the
 * archive nor there is told as lost, until a base backup stands behind it.
 */
public final class PushedWal implements WalSupply {
  private static final Logger log = LoggerFactory.getLogger(PushedWal.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** Between two lists while all is as it should be. */
  private static final Duration LIST = Duration.ofMinutes(5);

  private static final int TIMELINE_DIGITS = 8;
  private static final int HEX = 16;

  private static final String SIGHT =
      """
      select pg_walfile_name(here) as file, here::text as here,
             (select setting from pg_settings where name = 'archive_timeout') as timeout
      from pg_current_wal_insert_lsn() here
      """;

  /**
   * What is waited for.
   *
   * @param late how long PostgreSQL may take before a segment counts as late
   * @param lost how long another server may take for one that this one has not
   * @param list between two lists while something is late
   */
  record Patience(Duration late, Duration lost, Duration list) {
    private static final Patience USUAL =
        new Patience(Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(10));
  }

  private final WalArchive archive;
  private final Supplier<Optional<ConnectSettings>> primary;
  private final WalFolder folder;
  private final PushDesk.Push push;
  private final Supplier<Optional<String>> trouble;
  private final Patience patience;
  private final InstantSource clock;
  private final Thread thread;
  private final Queue<SegmentName> arrived = new ConcurrentLinkedQueue<>();
  private final WrittenTimes times = new WrittenTimes();
  private volatile boolean closed;
  private volatile ArchiverState state = ArchiverState.NONE;
  private @Nullable TimelineHistory line;
  private int timeline;
  private Lsn end = Lsn.ZERO;
  private long listed;
  private @Nullable Lsn stuckAt;
  private long stuckFrom;
  private boolean behind;
  private @Nullable Lsn lostFrom;
  private long lostSince;

  /**
   * One of an archive; nothing is done before {@link #start}.
   *
   * @param primary the server whose WAL it is; empty while there is none
   * @param folder its {@code pg_wal}
   * @param push puts one of its files into this archive
   * @param trouble why what was handed over last could not be put
   */
  public PushedWal(
      WalArchive archive,
      Supplier<Optional<ConnectSettings>> primary,
      WalFolder folder,
      PushDesk.Push push,
      Supplier<Optional<String>> trouble,
      InstantSource clock) {
    this(archive, primary, folder, push, trouble, clock, Patience.USUAL);
  }

  PushedWal(
      WalArchive archive,
      Supplier<Optional<ConnectSettings>> primary,
      WalFolder folder,
      PushDesk.Push push,
      Supplier<Optional<String>> trouble,
      InstantSource clock,
      Patience patience) {
    this.patience = patience;
    this.archive = archive;
    this.primary = primary;
    this.folder = folder;
    this.push = push;
    this.trouble = trouble;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("wal-pushed").unstarted(this::run);
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public ArchiverState state() {
    return state;
  }

  /** A segment is in the archive whole. */
  public void arrived(SegmentName segment) {
    arrived.add(segment);
  }

  private synchronized void update(UnaryOperator<ArchiverState> change) {
    state = change.apply(state);
  }

  private void run() {
    while (!closed) {
      try {
        Thread.sleep(LOOK);
        Optional<ConnectSettings> server = primary.get();
        if (server.isPresent()) {
          follow(server.get());
        }
      } catch (InterruptedException e) {
        return;
      } catch (IOException | PostgresException | ServerException e) {
        log.debug("where WAL ends is not known now", e);
      } catch (BackupException e) {
        failed(e.getMessage());
      } catch (RuntimeException e) {
        log.error("following the archive", e);
        failed("it failed: " + e);
      }
    }
  }

  private void failed(String why) {
    if (!state.trouble().equals(Optional.of(why))) {
      log.warn("{}", why);
    }
    update(now -> now.failed(why));
  }

  private void follow(ConnectSettings server)
      throws IOException, PostgresException, InterruptedException {
    try (Connection connection = Connection.open(server.withTimeouts(CONNECT, ANSWER))) {
      while (!closed && primary.get().isPresent()) {
        look(connection.query(SIGHT).getFirst().onlyRow());
        Thread.sleep(behind ? Duration.ZERO : LOOK);
      }
    }
  }

  private void look(Row sight) throws IOException {
    Instant now = clock.instant();
    int current = Integer.parseInt(sight.required("file").substring(0, TIMELINE_DIGITS), HEX);
    Lsn here = Lsn.parse(sight.required("here"));
    Duration timeout = Duration.ofSeconds(Long.parseLong(sight.required("timeout")));
    Lsn begun = SegmentName.of(current, here, archive.segmentSize()).start();
    TimelineHistory history = line;
    if (history == null || history.timeline() != current) {
      history = historyOf(current);
      list(history, begun);
      line = history;
    }
    for (SegmentName next = arrived.poll(); next != null; next = arrived.poll()) {
      take(history, next);
    }
    boolean late = !end.reaches(begun) && isStuck();
    if (System.nanoTime() - listed
        > (late || lostFrom != null ? patience.list() : LIST).toNanos()) {
      list(history, begun);
    }
    times.note(here, now);
    Instant confirmed = times.confirmed(end, begun, timeout, now);
    update(was -> was.kept(timeline, end, confirmed));
    trouble.get().ifPresent(this::failed);
    behind = late && catchUp(history, begun);
  }

  private TimelineHistory historyOf(int current) throws IOException {
    return folder
        .history(current)
        .or(() -> archive.history(current, false))
        .orElse(TimelineHistory.first(current));
  }

  /** The segment of this line in which the byte at a position lies, with all that is before it. */
  private SegmentName around(TimelineHistory history, Lsn position) {
    SegmentName any = SegmentName.of(history.timeline(), position, archive.segmentSize());
    return new SegmentName(
        history.at(new Lsn(any.end().value() - 1)), any.number(), archive.segmentSize());
  }

  private void take(TimelineHistory history, SegmentName segment) {
    if (segment.equals(around(history, end))) {
      end = segment.end();
      timeline = segment.timeline();
    }
  }

  /** Whether nothing has come for long. */
  private boolean isStuck() {
    if (!end.equals(stuckAt)) {
      // Of many that are late only the first is waited for.
      stuckFrom = behind ? stuckFrom : System.nanoTime();
      stuckAt = end;
    }
    return System.nanoTime() - stuckFrom > patience.late().toNanos();
  }

  /** Puts the segment that is due; whether there may be another. */
  private boolean catchUp(TimelineHistory history, Lsn begun) {
    SegmentName due = around(history, end);
    if (end.reaches(begun) || !folder.has(due)) {
      return false;
    }
    log.info("segment {} was not handed over; it is put now", due);
    push.push(due.file());
    take(history, due);
    return true;
  }

  private void list(TimelineHistory history, Lsn begun) {
    WalChain chain;
    if (timeline > 0 && history.holds(timeline, end)) {
      chain = WalChain.of(archive, history, timeline, end);
      if (isGone(history, chain, begun)) {
        chain = behind(history, chain);
      }
    } else {
      chain =
          newest(history)
              .map(backup -> from(history, backup))
              .orElseGet(() -> WalChain.of(archive, history, history.timeline(), begun));
    }
    timeline = chain.timeline();
    end = chain.end();
    listed = System.nanoTime();
    if (isGone(history, chain, begun)) {
      tellLost(chain.missing().map(MissingWal::to).orElse(begun));
    } else {
      lostFrom = null;
      update(now -> now.withGap(Optional.empty()));
    }
  }

  private WalChain from(TimelineHistory history, Manifest backup) {
    return WalChain.of(archive, history, backup.finishTimeline(), backup.finish());
  }

  /** The chain from the newest backup, if that needs nothing of what another ends before. */
  private WalChain behind(TimelineHistory history, WalChain broken) {
    return newest(history)
        .filter(backup -> backup.finish().compareTo(broken.end()) > 0)
        .map(backup -> from(history, backup))
        .orElse(broken);
  }

  /** Whether what comes next is finished, and neither in the archive nor here. */
  private boolean isGone(TimelineHistory history, WalChain chain, Lsn begun) {
    boolean finished = chain.missing().isPresent() || !chain.end().reaches(begun);
    return finished && !folder.has(around(history, chain.end()));
  }

  private Optional<Manifest> newest(TimelineHistory history) {
    Backups backups = new Backups(archive.archive());
    for (String id : backups.ids().reversed()) {
      Optional<Manifest> backup = readable(backups, id);
      if (backup.isPresent()
          && history.holds(backup.get().finishTimeline(), backup.get().finish())) {
        return backup;
      }
    }
    return Optional.empty();
  }

  private static Optional<Manifest> readable(Backups backups, String id) {
    try {
      return backups.find(id);
    } catch (BackupException e) {
      if (e.kind() == Kind.DAMAGED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** A standby may still hand over what this server has no more. */
  private void tellLost(Lsn to) {
    if (!end.equals(lostFrom)) {
      lostFrom = end;
      lostSince = System.nanoTime();
    }
    if (System.nanoTime() - lostSince > patience.lost().toNanos()) {
      String told =
          "The WAL from "
              + end
              + " on timeline "
              + timeline
              + " to "
              + to
              + " is neither in the repository nor on the primary; take a base backup, for until"
              + " then nothing later can be restored.";
      if (!state.gap().equals(Optional.of(told))) {
        log.warn(told);
      }
      update(now -> now.withGap(Optional.of(told)));
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
