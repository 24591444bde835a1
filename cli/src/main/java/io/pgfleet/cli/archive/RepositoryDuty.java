package io.pgfleet.cli.archive;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.base.Backups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.drill.DrillReport;
import io.pgfleet.backup.drill.Drills;
import io.pgfleet.backup.push.PushedWal;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.wal.ArchiverState;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.backup.wal.WalArchiver;
import io.pgfleet.backup.wal.WalSupply;
import io.pgfleet.consensus.group.ArchiveMember;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.ConnectSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node's program does for one repository while its server is the primary: archives WAL, and
 * takes base backups when they are due. All of it on threads of its own; nothing of the fleet waits
 * for a repository.
 */
final class RepositoryDuty implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RepositoryDuty.class);
  private static final Duration LOOK = Duration.ofSeconds(5);

  /** How long the first backup waits for a fleet that is not whole. */
  private static final Duration SETTLING = Duration.ofMinutes(1);

  /** From the beginning of one backup to that of the next while one has to cover a gap. */
  private static final Duration AFTER_GAP = Duration.ofMinutes(10);

  /** A store is asked what it holds no more often than this. */
  private static final Duration LIST = Duration.ofSeconds(60);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

  private final Supplier<Repository> opener;
  private final String name;
  private final Timetable timetable;
  private final Duration walInterval;
  private final boolean synchronous;
  private final BackupRound round;
  private final Optional<NodePush> pushes;
  private final Thread thread;

  /** The primary to archive from; empty while this node's server is not it. */
  private volatile Optional<ConnectSettings> primary = Optional.empty();

  private volatile long system;
  private volatile int segment;

  /** Whether that server hands its WAL over by itself. */
  private volatile boolean handsOver;

  private volatile @Nullable WalSupply supply;
  private volatile Optional<Instant> newest = Optional.empty();
  private volatile Optional<DrillReport> drill = Optional.empty();
  private volatile Optional<String> trouble = Optional.empty();
  private volatile boolean waitedFor;
  private volatile boolean closed;

  /**
   * A duty; nothing is done before {@link #serve}.
   *
   * @param opener opens the repository, each time anew if that failed
   * @param timetable when a base backup is due
   * @param walInterval how long WAL may wait
   * @param synchronous whether commits are to wait for it
   * @param pushes what takes the WAL that this node's server hands over; none if none does
   */
  RepositoryDuty(
      String name,
      Supplier<Repository> opener,
      Timetable timetable,
      Duration walInterval,
      boolean synchronous,
      BackupRound round,
      Optional<NodePush> pushes) {
    this.name = name;
    this.opener = opener;
    this.timetable = timetable;
    this.walInterval = walInterval;
    this.synchronous = synchronous;
    this.round = round;
    this.pushes = pushes;
    this.thread = Thread.ofPlatform().daemon().name("archive-" + name).start(this::run);
  }

  String name() {
    return name;
  }

  /**
   * This node's server is the primary.
   *
   * @param cluster its system identifier
   * @param segmentSize bytes of a WAL segment
   * @param waited whether its commits wait for this repository now
   * @param pushed whether it hands its WAL over, so that none is streamed
   */
  void serve(
      ConnectSettings server, long cluster, int segmentSize, boolean waited, boolean pushed) {
    handsOver = pushed;
    waitedFor = waited;
    system = cluster;
    segment = segmentSize;
    primary = Optional.of(server);
  }

  /** This node's server is not the primary, or does not answer. */
  void rest() {
    primary = Optional.empty();
  }

  private void run() {
    while (!closed) {
      try {
        if (primary.isEmpty()) {
          Thread.sleep(LOOK.toMillis() / 10);
        } else {
          work();
        }
      } catch (BackupException e) {
        tell(e.getMessage() + " " + e.hint());
        pause();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("repository {}", name, e);
        tell(String.valueOf(e));
        pause();
      }
    }
  }

  private void tell(String what) {
    if (!trouble.equals(Optional.of(what))) {
      log.warn("repository {}: {}", name, what);
    }
    trouble = Optional.of(what);
  }

  private void pause() {
    try {
      Thread.sleep(AFTER_FAILURE);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  /** As long as this node's server is the primary. */
  private void work() throws InterruptedException {
    long cluster = system;
    try (Repository repository = opener.get()) {
      Archive archive = repository.archive(cluster);
      WalArchive wal = new WalArchive(archive, segment);
      boolean pushed = handsOver;
      try (WalSupply own = pushed ? pushed(wal) : streamed(wal, cluster)) {
        supply = own;
        own.start();
        log.info(
            "WAL {} to repository {} ({})",
            pushed ? "is handed over by the server" : "goes",
            name,
            archive.place());
        long began = System.nanoTime();
        long due = began;
        while (!closed && primary.isPresent() && system == cluster && handsOver == pushed) {
          if (System.nanoTime() - due >= 0) {
            boolean settled =
                round.isFleetWhole() || System.nanoTime() - began > SETTLING.toNanos();
            // WAL has to be on its way, or there would be a gap behind the first backup.
            boolean may = settled && own.state().timeline() > 0;
            boolean waits = look(repository, archive, wal, own.state().gap().isPresent(), may);
            due = System.nanoTime() + (waits ? LOOK : list()).toNanos();
          }
          Thread.sleep(LOOK.dividedBy(5));
        }
      } finally {
        supply = null;
        pushes.ifPresent(push -> push.tell(name, null));
      }
    }
  }

  private WalSupply streamed(WalArchive wal, long cluster) {
    return new WalArchiver(wal, () -> primary, ArchiveSlot.of(name), cluster, walInterval);
  }

  private WalSupply pushed(WalArchive wal) {
    NodePush push = pushes.orElseThrow();
    PushedWal pushed =
        new PushedWal(
            wal,
            () -> primary,
            push.folder(),
            file -> push.push(name, file),
            () -> push.trouble(name),
            InstantSource.system());
    push.tell(name, pushed);
    return pushed;
  }

  private Duration list() {
    Duration often = timetable.every().dividedBy(12);
    return often.compareTo(LIST) > 0 ? LIST : often.compareTo(LOOK) < 0 ? LOOK : often;
  }

  /**
   * Looks what there is, and takes a base backup if one is due; one that fails is tried again
   * later, WAL goes on.
   *
   * @param gap whether WAL was lost, so that the next backup should not wait for its time
   * @param may whether one may be taken now
   * @return whether one is due and was not taken
   */
  private boolean look(
      Repository repository, Archive archive, WalArchive wal, boolean gap, boolean may)
      throws InterruptedException {
    try {
      Optional<Manifest> last = newestOf(archive, wal);
      newest = last.map(Manifest::ended);
      boolean due = last.isEmpty() || isDue(last.get().began(), gap);
      if (due && may) {
        round.run(repository, archive, last.isEmpty());
        newest = newestOf(archive, wal).map(Manifest::ended);
      }
      drill = new Drills(archive).newest();
      trouble = Optional.empty();
      return due && !may;
    } catch (BackupException e) {
      tell(e.getMessage() + " " + e.hint());
      Thread.sleep(AFTER_FAILURE);
      return false;
    }
  }

  private boolean isDue(Instant last, boolean gap) {
    Instant now = Instant.now();
    return !timetable.next(last, ZoneId.systemDefault()).isAfter(now)
        || (gap && !last.plus(AFTER_GAP).isAfter(now));
  }

  /**
   * Of those that a restore to the newest moment can begin with; after a restore that is not each.
   */
  private static Optional<Manifest> newestOf(Archive archive, WalArchive wal) {
    Backups backups = new Backups(archive);
    for (String id : backups.ids().reversed()) {
      Optional<Manifest> backup = sound(backups, id);
      if (backup.isPresent()) {
        TimelineHistory newest = RestorePlan.newest(List.of(backup.get()), wal);
        if (newest.holds(backup.get().finishTimeline(), backup.get().finish())) {
          return backup;
        }
      }
    }
    return Optional.empty();
  }

  /** A damaged one is no backup, and must not keep the next from being taken. */
  private static Optional<Manifest> sound(Backups backups, String id) {
    try {
      return backups.find(id);
    } catch (BackupException e) {
      if (e.kind() != Kind.DAMAGED) {
        throw e;
      }
      log.warn("{}", e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<String> notWaitedFor() {
    return synchronous && !waitedFor
        ? Optional.of("commits do not wait for it now, as it did not keep up")
        : Optional.empty();
  }

  /** What is to be said of it; empty while this node's server is not the primary. */
  Optional<ArchiveMember> word(NodeName node) {
    if (primary.isEmpty()) {
      return Optional.empty();
    }
    WalSupply own = supply;
    ArchiverState state = own == null ? null : own.state();
    return Optional.of(
        new ArchiveMember(
            name,
            node,
            state == null ? 0 : state.timeline(),
            state == null ? Lsn.ZERO : state.end(),
            state == null || state.timeline() == 0 ? Optional.empty() : Optional.of(state.at()),
            trouble
                .or(() -> state == null ? Optional.empty() : state.trouble().or(state::gap))
                .or(this::notWaitedFor),
            newest,
            drill.map(DrillReport::ended),
            drill.filter(report -> !report.passed()).map(DrillReport::failure)));
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
